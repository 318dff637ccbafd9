# SPDX-License-Identifier: Apache-2.0

"""The firmware as a process, its central system, and a terminal at its shell."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from terminal import Terminal

sys.path.insert(0, str(Path(__file__).parents[2] / "api" / "pytest"))

from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from transcript import Transcript  # noqa: E402

NAME = "shell"
PATIENCE_SECONDS = 20
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)
TERMINAL = re.compile(r"connected to pseudotty: (\S+)")


class Charger:
    def __init__(self, config, folder):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        self.config = config
        self.port = limits["CONFIG_CHARGE_POINT_PORT"]
        self._program = config.app_build_dir / "zephyr" / "zephyr.exe"
        self._flash = folder / "flash.bin"
        self._process = None
        self._reader = None
        self._is_listening = True
        self._more = threading.Condition()
        self.central_system = CentralSystem(self.port, Transcript(frames), limits)
        self.station = self.central_system.station(NAME)
        self.commands = Commands(self.central_system, None)
        self.commands.begin(NAME)
        self.lines = []
        self.terminal = None

    def start(self):
        """Boots, and waits until somebody can type."""
        self.lines = []
        self._process = subprocess.Popen(
            [self._program, f"-flash={self._flash}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=[self._process], daemon=True)
        self._reader.start()
        path = TERMINAL.search(self.says("connected to pseudotty"))[1]
        assert self.says("ocpp init success")
        self.terminal = Terminal(path)

    def start_online(self):
        self.start()
        # Connectors 0, 1 and 2 have been reported.
        assert self.commands.wait("StatusNotification 3") >= 3

    def stop(self):
        """Loses power."""
        self.terminal.close()
        self._process.kill()
        self._process.wait()
        self._reader.join()
        print("\n".join(self.lines), flush=True)
        # What it has sent until then was sent: it must not arrive after what the next one sends.
        assert not self._is_listening or self.central_system.outlive(PATIENCE_SECONDS)

    def close(self):
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            print("\n".join(self.lines), flush=True)
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

    def says(self, text, after=0, times=1):
        """The first line of the console with this text behind so many, as soon as there are that
        many of them."""

        def said():
            lines = [line for line in self.lines[after:] if text in line]
            return lines[0] if len(lines) >= times else None

        with self._more:
            return self._more.wait_for(said, PATIENCE_SECONDS)

    def calls(self, action):
        return self.station.calls.get(action, [])

    def _read(self, process):
        for line in process.stdout:
            with self._more:
                self.lines.append(line.rstrip())
                self._more.notify_all()
