# SPDX-License-Identifier: Apache-2.0

"""The firmware in a process of native_sim, its central system, which is that of the tests of the
API, and a terminal at its shell."""

import os
import re
import socket
import sys
import time
from pathlib import Path

from terminal import Terminal

sys.path.insert(0, str(Path(__file__).parents[2] / "api" / "pytest"))

from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from image import PATIENCE_SECONDS, Image  # noqa: E402
from transcript import Transcript  # noqa: E402

NAME = "CP1"
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Charger:
    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        self.config = config
        self.url = f"ws://127.0.0.1:{free_port()}/ocpp/{NAME}"
        self._flash = folder / "flash.bin"
        self._is_listening = True
        port = int(re.search(r":(\d+)/", self.url)[1])
        self.central_system = CentralSystem(port, Transcript(frames), limits)
        self.station = self.central_system.station(NAME)
        self.commands = Commands(self.central_system, None)
        self.commands.begin(NAME)
        self.image = None
        self.terminal = None

    def start(self):
        """Boots, and waits until somebody can type."""
        program = self.config.app_build_dir / "zephyr" / "zephyr.exe"
        self.image = Image(program, flash=self._flash, csms=self.url)
        path = self.image.says("uart connected to pseudotty: ").split()[-1]
        assert self.image.says("ocpp init success")
        self.terminal = Terminal(path)

    def start_online(self):
        self.start()
        # Connectors 0, 1 and 2 have been reported.
        assert self.commands.wait("StatusNotification 3") >= 3

    def stop(self):
        """Loses power."""
        self.terminal.close()
        self.image.kill()
        self.image = None
        # What it has sent until then was sent: it must not arrive after what the next one sends.
        assert not self._is_listening or self.central_system.outlive(PATIENCE_SECONDS)

    def close(self):
        if self.image:
            self.image.kill()
        if self._is_listening:
            self.central_system.stop_listening()

    def go_offline(self):
        self.central_system.stop_listening()
        self._is_listening = False

    def go_online(self):
        self.central_system.listen()
        self._is_listening = True

    def run(self, command):
        return self.terminal.run(command)

    def tell(self, command):
        """As run, for a transcript."""
        return self.terminal.run(command, told=True)

    def run_until(self, command, wanted):
        """Asks again and again until the answer has that in it; the answer."""
        end = time.monotonic() + PATIENCE_SECONDS
        while wanted not in (said := self.run(command)):
            assert time.monotonic() < end, f"{command}: no {wanted}"
            time.sleep(0.1)
        return said

    def calls(self, action):
        return self.station.calls.get(action, [])
