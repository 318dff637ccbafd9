# SPDX-License-Identifier: Apache-2.0

"""A charge point on secure connections: the image's process with its flash in a file, and the central
system of the tests of the API behind TLS."""

import json
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "api" / "pytest"))

from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from front import Front  # noqa: E402
from image import Image  # noqa: E402
from pki import Authority  # noqa: E402
from transcript import Transcript  # noqa: E402

PATIENCE_SECONDS = 30
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)
NAME = "security"


class ChargePoint:
    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        port = limits["CONFIG_CENTRAL_SYSTEM_PORT"]
        self._program = config.app_build_dir / "zephyr" / "zephyr.exe"
        self._images = []
        self._central_system = CentralSystem(port, {"ocpp1.6": Transcript(frames)}, limits)
        self._commands = Commands(self._central_system, None)
        self._commands.begin(NAME)
        self.folder = folder
        self.flash = folder / "flash.bin"
        self.station = self._central_system.station(NAME)
        self.station.rules["SignCertificate"] = 'answer {"status":"Accepted"}'
        self.front = Front(port)
        self.authority = Authority()
        self.roots = self._write("roots.pem", self.authority.pem)

    def _write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def close(self):
        for image in self._images:
            image.close()
        self._central_system.stop_listening()
        self.front.close()

    @property
    def image(self):
        return self._images[-1]

    def server(self, **names):
        """The certificate of the central system from now on."""
        names = names or {"addresses": ["127.0.0.1"]}
        self.front.secure(self.folder, self.authority.issue(**names))

    def start(self, roots=None, own=None, password=None, **options):
        """What the charge point is configured with, and its process."""
        if roots is not False:
            options["roots"] = roots or self.roots
        if own:
            options["certificate"], options["key"] = own.write(self.folder, "own")
        if password:
            options["password"] = self._write("password", password)
        options["tcp_port"] = self.front.port
        self._images.append(Image(self._program, flash=self.flash, **options))

    def lose_power(self):
        self.image.kill()
        assert self._central_system.outlive(PATIENCE_SECONDS)

    def reset(self):
        """As the charge point asks for it."""
        assert self.image.says("reset")
        self.image.end()
        assert self._central_system.outlive(PATIENCE_SECONDS)

    def calls(self, action):
        return self.station.calls.get(action, [])

    def is_told(self, action, times=1):
        return self.station.wait_until(
            lambda: len(self.calls(action)) >= times, PATIENCE_SECONDS
        )

    def is_online(self, boots=1):
        """Once it has told so many boots."""
        return self.is_told("BootNotification", boots)

    def is_connected_again(self, than, times=1):
        """Once there are more secured connections than that, of this process so many of any kind."""
        return self.until(lambda: self.front.secured > than) and self.image.says(
            "ocpp: connected", times=times
        )

    @staticmethod
    def until(is_so):
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def ask(self, action, **payload):
        """The answer to a CALL, as an object."""
        answer = self._commands.call(f"{action} {json.dumps(payload)}")
        kind, _, text = answer.partition(" ")
        return json.loads(text) if kind == "result" else answer

    def do(self, command):
        """Has the application do something; what it says then."""
        before = len(self.image.lines)
        asked = {"vendorId": "tests", "messageId": command}
        assert self.ask("DataTransfer", **asked) == {"status": "Accepted"}
        kind = {"tamper": "report: ", "request certificate": "request: "}.get(command, "shell: ")
        said = self.image.says(kind, after=before)
        lines = self.image.lines[before:]
        return said.removeprefix(kind) if kind != "shell: " else lines[: lines.index(said)]

    def events(self):
        """The security events that it has told of."""
        return [call["type"] for call in self.calls("SecurityEventNotification")]

    def is_refused(self, words):
        """It says so, and has no connection."""
        said = self.image.says(words)
        print("\n".join(self.image.lines))
        return bool(said) and not self.calls("BootNotification")
