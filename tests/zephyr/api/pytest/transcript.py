# SPDX-License-Identifier: Apache-2.0

"""Every frame that was exchanged, as tests/peers/check_frames.py reads it."""

import json
import threading


class Transcript:
    def __init__(self, path):
        self._path = path
        # It comes with the first frame.
        self._file = None
        self._writing = threading.Lock()

    def write(self, direction, text, malformed=False):
        entry = {"dir": direction, "text": text, "expect_invalid": malformed}
        with self._writing:
            if self._file is None:
                self._file = open(self._path, "a", encoding="utf-8")
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
