# SPDX-License-Identifier: Apache-2.0

"""A charge point whose firmware is updated: the image's process with its flash in a file, the boot
loader between two of its boots, a server of files, and the central system of the tests of the API."""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "api" / "pytest"))

import boot_loader  # noqa: E402
from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from file_server import FileServer  # noqa: E402
from image import Image  # noqa: E402
from transcript import Transcript  # noqa: E402

PATIENCE_SECONDS = 30
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)
NAME = "update"


class ChargePoint:
    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        port = limits["CONFIG_CENTRAL_SYSTEM_PORT"]
        self._program = config.app_build_dir / "zephyr" / "zephyr.exe"
        self._flash = folder / "flash.bin"
        self._images = []
        self._central_system = CentralSystem(port, {"ocpp1.6": Transcript(frames)}, limits)
        self._commands = Commands(self._central_system, None)
        self._commands.begin(NAME)
        self.station = self._central_system.station(NAME)
        self.files = FileServer()
        self.swaps = True
        boot_loader.program(self._flash, boot_loader.image(version=1))

    def close(self):
        for image in self._images:
            image.close()
        self._central_system.stop_listening()
        self.files.close()

    @property
    def image(self):
        return self._images[-1]

    def boot(self, *switches):
        """What the boot loader does, and the image then: true if another one was installed."""
        is_installed = boot_loader.boot(self._flash, self.swaps)
        before = len(self.calls("BootNotification"))
        self._images.append(Image(self._program, *switches, flash=self._flash))
        assert self.station.wait_until(
            lambda: len(self.calls("BootNotification")) > before, PATIENCE_SECONDS
        )
        return is_installed

    def reboot(self, *switches):
        """As the charge point asks for it, or wants it to be."""
        assert self.image.says("reset")
        self.image.end()
        assert self._central_system.outlive(PATIENCE_SECONDS)
        return self.boot(*switches)

    def lose_power(self):
        self.image.kill()
        assert self._central_system.outlive(PATIENCE_SECONDS)

    def calls(self, action):
        return self.station.calls.get(action, [])

    def version(self):
        return self.calls("BootNotification")[-1].get("firmwareVersion")

    def ask(self, action, **payload):
        quoted = str(payload).replace("True", "true")
        return self._commands.call(f"{action} {quoted}")

    def update(self, place, **more):
        """Has it updated from there."""
        location = place if "://" in place else f"{self.files.url}/{place}"
        asked = {"location": location, "retrieveDate": "2020-01-01T00:00:00Z", **more}
        assert self.ask("UpdateFirmware", **asked) == "result {}"

    def statuses(self, action="FirmwareStatusNotification"):
        return [call["status"] for call in self.calls(action)]

    def says(self, *statuses, action="FirmwareStatusNotification"):
        """Whether these are all that it tells, once it has told so many."""
        enough = self.station.wait_until(
            lambda: len(self.statuses(action)) >= len(statuses), PATIENCE_SECONDS
        )
        print(f"{action}: {self.statuses(action)}")
        return enough and self.statuses(action) == list(statuses)
