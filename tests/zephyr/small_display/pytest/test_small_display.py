# SPDX-License-Identifier: Apache-2.0

"""The display of the running image, beside the pictures that the host draws."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from picture import read_png, write_png
from screen import Screen
from twister_harness import DeviceAdapter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "api" / "pytest"))

from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from transcript import Transcript  # noqa: E402

PICTURES = HERE.parents[3] / "docs" / "pictures" / "small-display"
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)
NAME = "CP1"
ID_TAGS = {1: "ZepId00", 2: "ZepId01"}
PATIENCE_SECONDS = 20


class Layout:
    """What is where on a display of this size: left, top, right, bottom."""

    def __init__(self, width, height, connectors, figures):
        self.width, self.height = width, height
        # What is of the connector, by its number.
        self.connectors = connectors
        # Energy and elapsed time, which nobody can foretell.
        self.figures = figures


MONOCHROME = Layout(
    128,
    64,
    # Not the icon of the connection.
    {1: (0, 0, 118, 32), 2: (0, 32, 128, 64)},
    {1: [(18, 18, 128, 28)], 2: [(18, 50, 128, 60)]},
)
COLOUR = Layout(
    320,
    240,
    {1: (0, 46, 160, 240), 2: (160, 46, 320, 240)},
    {
        1: [(12, 190, 152, 212), (90, 212, 152, 228)],
        2: [(169, 190, 308, 212), (247, 212, 308, 228)],
    },
)
# Bits of red, green and blue that a pixel keeps.
FORMATS = {
    "MONO01": (MONOCHROME, (8, 8, 8)),
    "MONO10": (MONOCHROME, (8, 8, 8)),
    "RGB_565": (COLOUR, (5, 6, 5)),
    "BGR_565": (COLOUR, (5, 6, 5)),
    "RGB_888": (COLOUR, (8, 8, 8)),
    "ARGB_8888": (COLOUR, (8, 8, 8)),
}
FORMAT = re.compile(r"^CONFIG_SDL_DISPLAY_DEFAULT_PIXEL_FORMAT_(\w+)=y$", re.MULTILINE)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class ChargePoint:
    """An image, its screen and its central system, which listens to it when that is started."""

    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        self.layout, self._bits = FORMATS[FORMAT.search(dot_config)[1]]
        self._limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        self._transcript = Transcript(frames)
        self._port = free_port()
        self._central_system = None
        self._folder = config.build_dir
        self.screen = Screen(folder, self.layout.width, self.layout.height)
        self._image = subprocess.Popen(
            [
                config.app_build_dir / "zephyr" / "zephyr.exe",
                "-flash_in_ram",
                f"-csms=ws://127.0.0.1:{self._port}/ocpp/{NAME}",
            ],
            env=self.screen.environment(),
        )

    def close(self):
        self._image.kill()
        self._image.wait()
        self.screen.close()
        if self._central_system:
            self._central_system.stop_listening()
            assert self._central_system.station(NAME).offences == []

    def connect(self):
        self._central_system = CentralSystem(self._port, self._transcript, self._limits)
        self.commands = Commands(self._central_system, None)
        self.commands.begin(NAME)
        station = self._central_system.station(NAME)
        reported = 1 + self._limits["CONFIG_OCPP_CONNECTORS"]
        assert station.wait_until(
            lambda: len(station.calls.get("StatusNotification", [])) >= reported,
            PATIENCE_SECONDS,
        )

    def disconnect(self):
        self._central_system.stop_listening()
        self.commands.finish("")
        self._central_system = None

    def present(self, connector):
        """The central system has somebody charge."""
        id_tag = ID_TAGS[connector]
        call = f"RemoteStartTransaction {{'connectorId':{connector},'idTag':'{id_tag}'}}"
        assert self.commands.call(call) == 'result {"status":"Accepted"}'

    def known(self, state):
        """A picture of the host, as this display can show it."""
        size = f"{self.layout.width}x{self.layout.height}"
        picture = read_png(PICTURES / f"{size}-{state}.png")
        return picture.smaller(picture.width // self.layout.width).coarser(self._bits)

    def shows(self, state, of=lambda picture: picture):
        """Waits for a picture, or for what of it is meant."""
        wanted = of(self.known(state))
        seen = None
        for seen in self.screen.pictures():
            shown = of(seen.coarser(self._bits))
            if shown == wanted:
                return
        path = self._folder / f"{state}-as-shown.png"
        write_png(path, seen)
        pytest.fail(f"{state} is not shown ({path}): {shown.difference(wanted)}")

    def connector(self, number):
        """Of a picture, what is of the connector but for figures."""
        area, figures = self.layout.connectors[number], self.layout.figures[number]
        return lambda picture: picture.without(*figures).part(*area)


@pytest.fixture
def charge_point(unlaunched_dut: DeviceAdapter, tmp_path):
    charge_point = ChargePoint(unlaunched_dut.device_config, tmp_path)
    yield charge_point
    charge_point.close()


def test_disconnected(charge_point):
    charge_point.shows("disconnected")


def test_idle(charge_point):
    charge_point.connect()
    charge_point.shows("idle")
    # The display is written again and again where something moves; here nothing does.
    assert len(list(charge_point.screen.pictures(seconds=2))) == 1


def test_connection_comes_and_goes(charge_point):
    charge_point.shows("disconnected")
    charge_point.connect()
    charge_point.shows("idle")
    charge_point.disconnect()
    charge_point.shows("disconnected")


def test_authorizing(charge_point):
    charge_point.connect()
    charge_point.commands.on("Authorize silence")
    charge_point.present(1)
    charge_point.shows("authorizing")


def test_charging(charge_point):
    charge_point.connect()
    charge_point.present(1)
    charge_point.shows("charging-one", charge_point.connector(1))
    charge_point.shows("charging-one", charge_point.connector(2))
    charge_point.present(2)
    charge_point.shows("charging-both", charge_point.connector(1))
    charge_point.shows("charging-both", charge_point.connector(2))


def test_what_moves_while_charging(charge_point):
    charge_point.connect()
    charge_point.present(1)
    connector = charge_point.connector(1)
    charge_point.shows("charging-one", connector)
    pictures = list(charge_point.screen.pictures(seconds=4))
    # Eight steps in two seconds, then the same again.
    steps = [connector(picture) for picture in pictures]
    assert len(set(steps)) == 8
    # The elapsed time at least.
    for area in charge_point.layout.figures[1][-1:]:
        assert len({picture.part(*area) for picture in pictures}) >= 4
    # Nothing moves elsewhere.
    elsewhere = charge_point.layout.connectors[1]
    assert len({picture.without(elsewhere) for picture in pictures}) == 1
