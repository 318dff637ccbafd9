"""All that a scenario plays with."""

from dataclasses import dataclass

from bench import Bench
from books import Books
from central_system import CentralSystem
from charge_point import ChargePoint
from frame_log import FrameLog


@dataclass
class Stage:
    bench: Bench
    books: Books
    frames: FrameLog
    identity: str
    point: ChargePoint
    system: CentralSystem
