# SPDX-License-Identifier: Apache-2.0

"""A screen that nobody looks at: Xvfb keeps what is on it in a file."""

import mmap
import os
import subprocess
import time

from picture import read_xwd

PATIENCE_SECONDS = 20
# Much less than a picture stays.
POLL_SECONDS = 0.01


class Screen:
    def __init__(self, folder, width, height):
        """As large as the one window on it, which so is at its upper left."""
        read, write = os.pipe()
        self._server = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"),
                *("-fbdir", folder, "-nolisten", "tcp", "-noreset", "-nocursor"),
            ],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as number:
            # It says so when it is ready.
            self._name = f":{number.readline().strip()}"
        with open(folder / "Xvfb_screen0", "rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def environment(self):
        """For the program that is to draw on it."""
        return {**os.environ, "DISPLAY": self._name, "SDL_VIDEODRIVER": "x11"}

    def picture(self):
        return read_xwd(self._memory[:])

    def pictures(self, seconds=PATIENCE_SECONDS):
        """Every other one that is seen in that time, beginning with that of now."""
        end = time.monotonic() + seconds
        before = None
        while time.monotonic() < end:
            now = self._memory[:]
            if now != before:
                before = now
                yield read_xwd(now)
            time.sleep(POLL_SECONDS)

    def close(self):
        self._memory.close()
        self._server.terminate()
        self._server.wait()
