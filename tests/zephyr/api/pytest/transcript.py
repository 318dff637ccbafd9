# SPDX-License-Identifier: Apache-2.0

"""Every frame that was exchanged, as tests/peers/check_frames.py reads it."""

import json
import threading


class Transcript:
    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")
        self._writing = threading.Lock()

    def write(self, direction, text, malformed=False):
        entry = {"dir": direction, "text": text, "expect_invalid": malformed}
        with self._writing:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
