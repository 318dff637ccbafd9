# SPDX-License-Identifier: Apache-2.0

"""What the display shows in each state, compared with the pictures in ../pictures. With
RENEW_PICTURES=1 those that differ are written anew."""

import itertools
import os
import re
from pathlib import Path

import pytest
from display import STATES, compare, watch
from picture import Picture, read_png, write_png

PICTURES = Path(__file__).parents[1] / "pictures"
RENEW = os.environ.get("RENEW_PICTURES") == "1"
WIDTH = re.compile(r"^CONFIG_CHARGE_POINT_DISPLAY_WIDTH=(\d+)$", re.MULTILINE)
HEIGHTS = {800: 480, 480: 272, 320: 240}


@pytest.fixture
def size(config):
    dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
    width = int(WIDTH.search(dot_config)[1])
    return width, HEIGHTS[width]


def path(size, state):
    """Where the picture of a state is."""
    name = state.__name__.replace("_", "-")
    return PICTURES / f"{size[0]}x{size[1]}-{name}.png"


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_picture(config, size, state):
    known = path(size, state)
    if RENEW and not known.exists():
        difference = True
    else:
        difference = compare(config, size, state, read_png(known), Picture.halves)
    if RENEW:
        if difference:
            # Not one that is being drawn.
            picture, _ = max(watch(config, size, state), key=lambda shown: shown[1])
            write_png(known, picture)
    elif difference:
        differing, (left, right) = difference
        instead = config.build_dir / known.name
        write_png(instead, left.beside(right))
        pytest.fail(f"{differing} pixels of its halves differ from {known.name}: {instead}")


def test_one_word_is_not_another(size):
    """The pictures differ from each other by words, at least: by more than is tolerated."""
    for one, other in itertools.combinations(STATES, 2):
        off = read_png(path(size, one)).differing(read_png(path(size, other)))
        assert off > 50, f"{one.__name__} looks like {other.__name__}"
