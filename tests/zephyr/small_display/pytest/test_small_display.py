# SPDX-License-Identifier: Apache-2.0

"""The display of the running image shows the pictures that the host has drawn, in docs/pictures.

The states, the central system and the screen are those of the display with LVGL. The halves of a
picture are its connectors, each with seconds of its own."""

import re
import sys
from pathlib import Path

import pytest
from twister_harness import DeviceAdapter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "display" / "pytest"))

from charge_point import ChargePoint  # noqa: E402
from picture import Picture, read_png, write_png  # noqa: E402
from screen import Screen  # noqa: E402
from test_pictures import (  # noqa: E402
    ATTEMPTS,
    OPTIONS,
    STATES,
    charging_on_one,
    closest,
    idle,
)

PICTURES = HERE.parents[3] / "docs" / "pictures" / "small-display"
FORMAT = re.compile(r"^CONFIG_SDL_DISPLAY_DEFAULT_PIXEL_FORMAT_(\w+)=y$", re.MULTILINE)


def rows(picture, top, bottom):
    width = 3 * picture.width
    return Picture(picture.width, bottom - top, picture.pixels[width * top : width * bottom])


class Monochrome:
    """Connectors in rows; the pictures are four times as large."""

    width, height = 128, 64

    @staticmethod
    def halves(picture):
        middle = picture.height // 2
        return rows(picture, 0, middle), rows(picture, middle, picture.height)

    @staticmethod
    def known(path):
        large = read_png(path)
        pixels = [large.pixels[at : at + 3] for at in range(0, len(large.pixels), 3)]
        lines = range(0, len(pixels), 4 * large.width)
        kept = [b"".join(pixels[line : line + large.width : 4]) for line in lines]
        return Picture(large.width // 4, large.height // 4, b"".join(kept))


class Colour:
    """Connectors side by side."""

    width, height = 320, 240

    @staticmethod
    def halves(picture):
        return picture.halves()

    @staticmethod
    def known(path):
        return read_png(path)


class Display:
    """The display of this image, in one state after the other."""

    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        self._config, self._folder = config, folder
        self.kind = Monochrome if FORMAT.search(dot_config)[1].startswith("MONO") else Colour

    def path(self, state):
        """Where its picture of a state is."""
        size = f"{self.kind.width}x{self.kind.height}"
        return PICTURES / f"{size}-{state.__name__.replace('_', '-')}.png"

    def pictures(self, state, seconds=None):
        """All that it shows of a state, from the boot on; or then, of so many seconds."""
        self._folder.mkdir(exist_ok=True)
        screen = Screen(self._folder, self.kind.width, self.kind.height)
        try:
            charge_point = ChargePoint(
                self._config, self._folder, screen, **OPTIONS.get(state, {})
            )
            try:
                pictures = screen.watch(state(charge_point))
                if seconds:
                    pictures = screen.watch(seconds)
                assert charge_point.station.offences == []
            finally:
                charge_point.close()
        finally:
            screen.close()
        return pictures


@pytest.fixture
def display(unlaunched_dut: DeviceAdapter, tmp_path):
    return Display(unlaunched_dut.device_config, tmp_path)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_picture(display, state, unlaunched_dut):
    path = display.path(state)
    expected = display.kind.halves(display.kind.known(path))
    # A machine that is busy elsewhere may miss the moment.
    for _ in range(ATTEMPTS):
        shown = zip(*map(display.kind.halves, display.pictures(state)))
        best = [closest(*half) for half in zip(expected, shown)]
        differing = [off for off, _ in best]
        if not any(differing):
            return
    for number, (_, picture) in enumerate(best, 1):
        write_png(unlaunched_dut.device_config.build_dir / f"{path.stem}-{number}.png", picture)
    pytest.fail(f"{differing} pixels of its halves differ from {path.name}")


def test_still_picture_stays(display):
    assert len(display.pictures(idle, seconds=2)) == 1


def test_what_moves_takes_all_steps(display):
    moving = {picture.pixels for picture in display.pictures(charging_on_one, seconds=2.5)}
    # Eight steps in two seconds, and the elapsed time.
    assert len(moving) >= 8
