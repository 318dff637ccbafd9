# SPDX-License-Identifier: Apache-2.0

"""The states of the charge point that are worth a picture, and what a display shows in them.

What moves does so in steps that go with the elapsed time, and the meter is looked at when the
elapsed time changes: so in the second in which a picture was taken, a display shows that picture,
and a test takes all of that second. Two connectors have seconds of their own, and so have the two
halves of a picture: each has to be there once, as a whole."""

import contextlib
import tempfile
import time
from pathlib import Path

from charge_point import ChargePoint
from screen import Screen

# A machine that is busy elsewhere may miss the moment.
ATTEMPTS = 3
# Seconds of a session after which its picture is taken.
SESSION_SECONDS = 7.5
# Once round and a little more.
ROUND_SECONDS = 2.5


def idle(charge_point):
    charge_point.wait_until_reported()
    return 1


def authorizing(charge_point):
    charge_point.commands.on("Authorize silence")
    idle(charge_point)
    charge_point.present(1, "ZepId00")
    charge_point.wait_for("Authorize")
    return ROUND_SECONDS


def charging_on_one(charge_point):
    idle(charge_point)
    charge_point.present(1, "ZepId00")
    charge_point.wait_for("StartTransaction")
    return the_second()


def charging_on_both(charge_point):
    idle(charge_point)
    charge_point.present(1, "ZepId00")
    charge_point.present(2, "ZepId01")
    charge_point.wait_for("StartTransaction", 2)
    return the_second()


def fault(charge_point):
    charge_point.wait_until_reported()
    return 1


def disconnected(charge_point):
    charge_point.says("not connected")
    return 1


def unavailable(charge_point):
    idle(charge_point)
    charge_point.tell("ChangeAvailability {'connectorId':2,'type':'Inoperative'}")
    return 1


def the_second():
    """Waits until shortly before it is time for a picture; how long to take it."""
    before = 0.9
    time.sleep(SESSION_SECONDS - before)
    return 2 * before


# What the image is started with.
OPTIONS = {fault: {"fault": "1:GroundFailure"}}
STATES = [
    idle,
    authorizing,
    charging_on_one,
    charging_on_both,
    fault,
    disconnected,
    unavailable,
]


def watch(config, size, state, seconds=None):
    """All that the display shows of a state, from the boot on; or then, of so many seconds: each
    picture with the seconds it stayed."""
    with contextlib.ExitStack() as ended:
        folder = Path(ended.enter_context(tempfile.TemporaryDirectory()))
        screen = Screen(folder, *size)
        ended.callback(screen.close)
        charge_point = ChargePoint(config)
        ended.callback(charge_point.close)
        if state is disconnected:
            charge_point.go_offline()
        environment = screen.environment()
        charge_point.boot("flash_in_ram", environment=environment, **OPTIONS.get(state, {}))
        pictures = screen.watch(state(charge_point))
        if seconds:
            pictures = screen.watch(seconds)
        assert charge_point.station.offences == []
    return pictures


def compare(config, size, state, expected, halves):
    """How many pixels of each half of the expected picture differ from what is shown, and the
    halves that are shown instead; nothing when all is as expected."""
    for _ in range(ATTEMPTS):
        pictures = [picture for picture, _ in watch(config, size, state)]
        shown = zip(*map(halves, pictures))
        best = [_closest(*half) for half in zip(halves(expected), shown)]
        if not any(off for off, _ in best):
            return None
    return [off for off, _ in best], [picture for _, picture in best]


def _closest(expected, pictures):
    """How many pixels of a picture differ, and the picture, of the one that differs least."""
    return min(((one.differing(expected), one) for one in pictures), key=lambda pair: pair[0])
