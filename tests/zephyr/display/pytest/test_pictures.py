# SPDX-License-Identifier: Apache-2.0

"""What the display shows in each state, compared with the pictures in ../pictures.

What moves does so in steps that go with the elapsed time, and the meter is looked at when the
elapsed time changes: so in the second in which a picture was taken, a display shows that picture,
and a test takes all of that second. Two connectors have seconds of their own, and so have the two
halves of a picture: each has to be there once, as a whole. With RENEW_PICTURES=1 the pictures are
written instead."""

import contextlib
import itertools
import os
import re
import tempfile
import time
from pathlib import Path

import pytest
from charge_point import ChargePoint
from picture import read_png, write_png
from screen import Screen
from twister_harness import DeviceAdapter

PICTURES = Path(__file__).parents[1] / "pictures"
RENEW = os.environ.get("RENEW_PICTURES") == "1"
# A machine that is busy elsewhere may miss the moment.
ATTEMPTS = 3
WIDTH = re.compile(r"^CONFIG_CHARGE_POINT_DISPLAY_WIDTH=(\d+)$", re.MULTILINE)
HEIGHTS = {800: 480, 480: 272, 320: 240}

# Seconds of a session after which its picture is taken.
SESSION_SECONDS = 7.5
# Once round and a little more.
ROUND_SECONDS = 2.5


def idle(charge_point):
    charge_point.has_called("StatusNotification", 3)
    return 1


def authorizing(charge_point):
    charge_point.commands.on("Authorize silence")
    idle(charge_point)
    present(charge_point, 1, "ZepId00")
    charge_point.has_called("Authorize")
    return ROUND_SECONDS


def charging_on_one(charge_point):
    idle(charge_point)
    present(charge_point, 1, "ZepId00")
    charge_point.has_called("StartTransaction")
    return the_second()


def charging_on_both(charge_point):
    idle(charge_point)
    present(charge_point, 1, "ZepId00")
    present(charge_point, 2, "ZepId01")
    charge_point.has_called("StartTransaction", 2)
    return the_second()


def fault(charge_point):
    charge_point.has_called("StatusNotification", 3)
    return 1


def disconnected(charge_point):
    charge_point.says("not connected")
    return 1


def unavailable(charge_point):
    idle(charge_point)
    charge_point.is_told("ChangeAvailability {'connectorId':2,'type':'Inoperative'}")
    return 1


def present(charge_point, connector, id_tag):
    charge_point.is_told(
        f"RemoteStartTransaction {{'connectorId':{connector},'idTag':'{id_tag}'}}"
    )


def the_second():
    """Waits until shortly before it is time for a picture; how long to take it."""
    before = 0.9
    time.sleep(SESSION_SECONDS - before)
    return 2 * before


OPTIONS = {
    fault: {"fault": "1:GroundFailure"},
    disconnected: {"central_system": False},
}
STATES = [
    idle,
    authorizing,
    charging_on_one,
    charging_on_both,
    fault,
    disconnected,
    unavailable,
]


class Display:
    """The display of this image, in one state after the other."""

    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        self._config, self._folder = config, folder
        self._width = int(WIDTH.search(dot_config)[1])
        self._height = HEIGHTS[self._width]

    def pictures(self, state):
        """All that it shows of a state, from the boot on."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        with contextlib.ExitStack() as ended:
            screen = Screen(folder, self._width, self._height)
            ended.callback(screen.close)
            options = OPTIONS.get(state, {})
            charge_point = ChargePoint(self._config, folder, screen, **options)
            ended.callback(charge_point.close)
            pictures = screen.watch(state(charge_point))
            assert charge_point.station.offences == []
        return pictures

    def path(self, state):
        """Where its picture of a state is."""
        name = state.__name__.replace("_", "-")
        return PICTURES / f"{self._width}x{self._height}-{name}.png"


@pytest.fixture
def display(unlaunched_dut: DeviceAdapter, tmp_path):
    return Display(unlaunched_dut.device_config, tmp_path)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_picture(display, state, unlaunched_dut):
    path = display.path(state)
    if RENEW:
        pictures = display.pictures(state)
        write_png(path, pictures[len(pictures) // 2])
        return
    expected = read_png(path).halves()
    for _ in range(ATTEMPTS):
        shown = zip(*(picture.halves() for picture in display.pictures(state)))
        best = [closest(*half) for half in zip(expected, shown)]
        differing = [off for off, _ in best]
        if not any(differing):
            return
    left, right = (picture for _, picture in best)
    instead = unlaunched_dut.device_config.build_dir / path.name
    write_png(instead, left.beside(right))
    pytest.fail(f"{differing} pixels of its halves differ from {path.name}: {instead}")


def test_one_word_is_not_another(display):
    """The pictures differ from each other by words, at least: by more than is tolerated."""
    for one, other in itertools.combinations(STATES, 2):
        off = read_png(display.path(one)).differing(read_png(display.path(other)))
        assert off > 50, f"{one.__name__} looks like {other.__name__}"


def closest(expected, pictures):
    """How many pixels of a picture differ, and the picture, of the one that differs least."""
    return min(((one.differing(expected), one) for one in pictures), key=lambda pair: pair[0])
