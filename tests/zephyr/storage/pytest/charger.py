# SPDX-License-Identifier: Apache-2.0

"""A charge point that loses power: the image's process with its flash in a file, and a central
system, which is that of the tests of the API."""

import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "api" / "pytest"))

from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from image import Image  # noqa: E402
from transcript import Transcript  # noqa: E402

PATIENCE_SECONDS = 30
QUIET_SECONDS = 0.4
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)


class Charger:
    """The charge point with its flash, and its central system."""

    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        port = limits["CONFIG_CENTRAL_SYSTEM_PORT"]
        self._program = config.app_build_dir / "zephyr" / "zephyr.exe"
        self.flash = folder / "flash.bin"
        self.central_system = CentralSystem(port, {"ocpp1.6": Transcript(frames)}, limits)
        self.is_online = True
        self.station = self.central_system.station("storage")
        self.commands = Commands(self.central_system, None)
        self.commands.begin("storage")
        self.register = 1000
        self._images = []

    def close(self):
        for image in self._images:
            image.close()
        if self.is_online:
            self.central_system.stop_listening()

    def start(self, what, times=1, **options):
        # Every boot has the same random numbers: what tells message ids apart is in flash.
        image = Image(
            self._program,
            flash=self.flash,
            do=what,
            register=self.register,
            times=times,
            **options,
        )
        self._images.append(image)
        # More than it can count in a process of a test.
        self.register += 100_000
        return image

    def start_connected(self, what, **options):
        before = self.station.connections
        image = self.start(what, **options)
        assert self.station.wait_until(
            lambda: self.calls("BootNotification") and self.station.connections > before,
            PATIENCE_SECONDS,
        )
        return image

    def lose_power(self, image):
        image.kill()
        # What it has sent until then was sent: it must not arrive after what the next one sends.
        assert not self.is_online or self.central_system.outlive(PATIENCE_SECONDS)

    def go_offline(self):
        self.central_system.stop_listening()
        self.is_online = False

    def go_online(self):
        self.central_system.listen()
        self.is_online = True

    def settle(self):
        """An idle charge point tells what it has still to tell."""
        image = self.start_connected("idle")
        assert self.station.wait_until(self._is_settled, PATIENCE_SECONDS), self.station.books()
        told = -1
        while told != (told := sum(map(len, self.station.calls.values()))):
            time.sleep(QUIET_SECONDS)
        self.lose_power(image)

    def calls(self, action):
        return self.station.calls.get(action, [])

    def change(self, key, value):
        call = f"ChangeConfiguration {{'key':'{key}','value':'{value}'}}"
        assert self.commands.call(call) == 'result {"status":"Accepted"}'

    def _is_settled(self):
        transactions = self.station.transactions()
        return all(transaction.meter_stop is not None for transaction in transactions)
