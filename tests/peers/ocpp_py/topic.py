"""Scenarios, grouped by what they are about."""

from dataclasses import dataclass

from bench import Bench
from books import Books
from central_system import CentralSystem
from charge_point import ChargePoint
from frame_log import FrameLog


@dataclass
class Stage:
    """All that a scenario plays with."""

    bench: Bench
    books: Books
    frames: FrameLog
    identity: str
    point: ChargePoint
    system: CentralSystem


class Topic:
    """`as_found`: its scenarios take the charge point as it is, idle or not, running or not."""

    def __init__(self, name, as_found=False):
        self.name = name
        self.as_found = as_found
        self.scenarios = []

    def scenario(self, name):
        def enlist(play):
            self.scenarios.append((name, play))
            return play

        return enlist
