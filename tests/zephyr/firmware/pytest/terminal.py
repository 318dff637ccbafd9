# SPDX-License-Identifier: Apache-2.0

"""A terminal at the shell of a running image: what is typed, and what is seen then."""

import os
import re
import select
import time
import tty

PROMPT = "uart:~$ "
PATIENCE_SECONDS = 10
# The shell has said all it has to say to a key when it is silent for that long.
QUIET_SECONDS = 0.3
# Words that are offered stand that far apart.
GAP = re.compile(r"\x1b\[\d+C")
# Colours, and the other movements of the cursor.
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TAB, CANCEL = "\t", "\x03"


class Terminal:
    def __init__(self, path):
        self._file = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._file)
        # What was run and is worth telling, as it was seen.
        self.transcript = []
        # The prompt may have been there before anybody looked, and may come again.
        self._type(CANCEL)
        assert self._read_until_prompt()
        self._read_while_it_speaks()

    def close(self):
        os.close(self._file)

    def run(self, command, told=False):
        """What the shell says to a command, as lines without an end."""
        self._type(command + "\n")
        # What was typed comes back first.
        seen = self._read_until_prompt().split("\n", 1)[1]
        said = seen.removesuffix(PROMPT).strip("\n")
        if told:
            self.transcript += [PROMPT + command, *said.splitlines()]
        print(f"{PROMPT}{command}\n{said}", flush=True)
        return said

    def complete(self, beginning):
        """The words that the shell offers for what has been typed so far, and the line as it is
        then."""
        self._type(beginning + TAB)
        seen = self._read_while_it_speaks()
        self._type(CANCEL)
        self._read_while_it_speaks()
        print(f"{beginning}<TAB> -> {seen!r}", flush=True)
        offered, _, line = seen.rpartition("\n")
        return offered.split("\n", 1)[-1].split() if offered else [], line.removeprefix(PROMPT)

    def _type(self, text):
        os.write(self._file, text.encode())

    def _read(self, seconds):
        """What is there now, or within that time."""
        if not select.select([self._file], [], [], seconds)[0]:
            return ""
        return os.read(self._file, 4096).decode()

    def _read_until_prompt(self):
        seen = ""
        end = time.monotonic() + PATIENCE_SECONDS
        while not ("\n" in seen and ESCAPES.sub("", seen).endswith(PROMPT)):
            left = end - time.monotonic()
            assert left > 0, f"no prompt in {seen!r}"
            seen += self._read(left)
        return plain(seen)

    def _read_while_it_speaks(self):
        seen = ""
        while more := self._read(QUIET_SECONDS):
            seen += more
        return plain(seen)


def plain(text):
    """Without colours and carriage returns."""
    return ESCAPES.sub("", GAP.sub(" ", text)).replace("\r", "")
