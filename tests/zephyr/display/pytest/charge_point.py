# SPDX-License-Identifier: Apache-2.0

"""The firmware with its display on a screen that nobody sees, and its central system, which is
that of the tests of the API."""

import os
import re
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "api" / "pytest"))

from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from image import PATIENCE_SECONDS, Image  # noqa: E402
from transcript import Transcript  # noqa: E402

NUMBERS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)
IDENTITY = "display"


class ChargePoint:
    """A process of the image; `central_system` tells whether there is one."""

    def __init__(self, config, folder, screen, central_system=True, **options):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        port = _free_port()
        self.central_system = CentralSystem(
            port,
            Transcript(frames),
            {name: int(value) for name, value in NUMBERS.findall(dot_config)},
        )
        self.station = self.central_system.station(IDENTITY)
        self.commands = Commands(self.central_system, None)
        self.commands.begin(IDENTITY)
        if not central_system:
            self.central_system.stop_listening()
        self._listens = central_system
        self._image = Image(
            config.app_build_dir / "zephyr" / "zephyr.exe",
            flash=folder / "flash.bin",
            environment=screen.environment(),
            csms=f"ws://127.0.0.1:{port}/ocpp/{IDENTITY}",
            **options,
        )

    def says(self, text):
        assert self._image.says(text), f"it did not say: {text}"

    def has_called(self, action, times=1):
        """Waits for so many CALLs of an action."""
        calls = self.station.calls
        assert self.station.wait_until(
            lambda: len(calls.get(action, [])) >= times, PATIENCE_SECONDS
        ), f"{times} {action} did not come"

    def is_told(self, call):
        """It accepts what the central system asks for."""
        assert self.commands.call(call) in ('result {"status":"Accepted"}', "result {}")

    def close(self):
        self._image.kill()
        if self._listens:
            self.central_system.stop_listening()


def _free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]
