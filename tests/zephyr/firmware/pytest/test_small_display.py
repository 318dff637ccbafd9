# SPDX-License-Identifier: Apache-2.0

"""The display of the running image shows the pictures that the host has drawn, in docs/pictures."""

import re
from pathlib import Path

import pytest
from display import STATES, charging_on_one, compare, idle, watch
from picture import Picture, read_png, write_png

PICTURES = Path(__file__).parents[4] / "docs" / "pictures" / "small-display"
FORMAT = re.compile(r"^CONFIG_SDL_DISPLAY_DEFAULT_PIXEL_FORMAT_(\w+)=y$", re.MULTILINE)


def rows(picture, top, bottom):
    width = 3 * picture.width
    return Picture(picture.width, bottom - top, picture.pixels[width * top : width * bottom])


class Monochrome:
    """Connectors in rows; the pictures are four times as large."""

    size = 128, 64

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

    size = 320, 240

    @staticmethod
    def halves(picture):
        return picture.halves()

    @staticmethod
    def known(path):
        return read_png(path)


@pytest.fixture
def kind(config):
    dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
    return Monochrome if FORMAT.search(dot_config)[1].startswith("MONO") else Colour


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_picture(config, kind, state):
    width, height = kind.size
    known = PICTURES / f"{width}x{height}-{state.__name__.replace('_', '-')}.png"
    if difference := compare(config, kind.size, state, kind.known(known), kind.halves):
        differing, halves = difference
        for number, picture in enumerate(halves, 1):
            write_png(config.build_dir / f"{known.stem}-{number}.png", picture)
        pytest.fail(f"{differing} pixels of its halves differ from {known.name}")


def test_still_picture_stays(config, kind):
    assert len(watch(config, kind.size, idle, seconds=2)) == 1


def test_what_moves_takes_all_steps(config, kind):
    moving = {picture.pixels for picture, _ in watch(config, kind.size, charging_on_one, seconds=2.5)}
    # Eight steps in two seconds, and the elapsed time.
    assert len(moving) >= 8
