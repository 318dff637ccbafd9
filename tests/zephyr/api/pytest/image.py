# SPDX-License-Identifier: Apache-2.0

"""One process of an image of native_sim, and what it says."""

import subprocess
import threading

PATIENCE_SECONDS = 30
# Who counts nothing but cuts of power has much to do.
LONG_SECONDS = 280


class Image:
    def __init__(self, program, *switches, environment=None, **options):
        """With -switch and -option=value."""
        arguments = [f"-{switch}" for switch in switches]
        arguments += [f"-{name.replace('_', '-')}={value}" for name, value in options.items()]
        self._process = subprocess.Popen(
            [program, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._more:
                self.lines.append(line.rstrip())
                self._more.notify_all()

    def says(self, text, after=0, times=1):
        """The first line with this text behind so many, as soon as there are that many of it."""

        def said():
            lines = [line for line in self.lines[after:] if text in line]
            return lines[0] if len(lines) >= times else None

        with self._more:
            return self._more.wait_for(said, PATIENCE_SECONDS)

    def end(self):
        """Waits until it ends by itself."""
        assert self._process.wait(LONG_SECONDS) == 0
        self._reader.join()
        print("\n".join(self.lines), flush=True)

    def close(self):
        """No process outlives its test."""
        self._process.kill()

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        print("\n".join(self.lines), flush=True)
        assert self._process.returncode == -9, "it ended by itself"
        assert not any("FAILED" in line for line in self.lines)
