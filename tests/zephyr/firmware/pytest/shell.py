# SPDX-License-Identifier: Apache-2.0

"""The firmware and its shell."""

import time

from charge_point import ChargePoint
from image import PATIENCE_SECONDS
from terminal import Terminal


class Shell(ChargePoint):
    def __init__(self, config, folder):
        super().__init__(config)
        self.folder = config.build_dir
        self._flash = folder / "flash.bin"
        self.terminal = None

    def start(self):
        """Boots, and waits for the prompt."""
        self.boot(flash=self._flash)
        # That of the session log says so as well, with its name.
        path = self.image.says("uart connected to pseudotty: ").split()[-1]
        self.says("ocpp init success")
        self.terminal = Terminal(path)

    def start_online(self):
        self.start()
        self.wait_until_reported()

    def stop(self):
        """Loses power."""
        self.terminal.close()
        self.lose_power()

    def run(self, command):
        return self.terminal.run(command)

    def show(self, command):
        """As run, for a transcript."""
        return self.terminal.run(command, told=True)

    def run_until(self, command, wanted):
        """Asks again and again until the answer has that in it; the answer."""
        end = time.monotonic() + PATIENCE_SECONDS
        while wanted not in (said := self.run(command)):
            assert time.monotonic() < end, f"{command}: no {wanted}"
            time.sleep(0.1)
        return said
