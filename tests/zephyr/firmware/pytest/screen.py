# SPDX-License-Identifier: Apache-2.0

"""A virtual screen: Xvfb, which keeps what is on it in a file."""

import mmap
import os
import subprocess
import time

from picture import read_xwd

# Much less than a picture stays.
POLL_SECONDS = 0.004


class Screen:
    def __init__(self, folder, width, height):
        read, write = os.pipe()
        self._server = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"),
                *("-fbdir", folder, "-nolisten", "tcp", "-noreset"),
            ],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as number:
            # It says so when it is ready.
            self.name = f":{number.readline().strip()}"
        with open(folder / "Xvfb_screen0", "rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def environment(self):
        """Variables for a program that is to draw on it."""
        return {
            **os.environ,
            "DISPLAY": self.name,
            "SDL_VIDEODRIVER": "x11",
            # Nothing between SDL and the screen.
            "SDL_FRAMEBUFFER_ACCELERATION": "0",
        }

    def watch(self, seconds):
        """All different pictures of that time in their order, each with the seconds it stayed."""
        end = time.monotonic() + seconds
        seen = [(self._memory[:], time.monotonic())]
        while time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            now = self._memory[:]
            if now != seen[-1][0]:
                seen.append((now, time.monotonic()))
        ends = [since for _, since in seen[1:]] + [end]
        return [(read_xwd(file), until - since) for (file, since), until in zip(seen, ends)]

    def close(self):
        self._memory.close()
        self._server.terminate()
        self._server.wait()
