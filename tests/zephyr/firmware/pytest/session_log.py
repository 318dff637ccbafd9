# SPDX-License-Identifier: Apache-2.0

"""The reader at the serial port of the session log, and what there is to be read."""

import os
import re
import select
import time

BANNER = [
    "=== OCPP USB High-Speed Logger ===",
    "This showcases USB High-Speed (480 Mbps) data transfer",
    "Logging charging session data in real-time",
    "",
]
METER = re.compile(r"\[METER\] Conn(\d+): (\d+) Wh \(reading #(\d+)\)")
LOST = re.compile(r"\[LOST\] Lines not sent: (\d+)")


def text(lines):
    return "".join(f"{line}\r\n" for line in lines)


def started(connector, id_tag):
    return [f"[START] Connector {connector}: ID={id_tag}"]


def authorized(connector):
    return [f"[AUTH] Connector {connector}: Authorized (status=1)"]


def meter(connector, register, reading):
    return [f"[METER] Conn{connector}: {register} Wh (reading #{reading})"]


def stopped(connector):
    return [f"[STOP] Connector {connector}: Session ended"]


def summary(readings, size, throughput, lost=0):
    return [
        "",
        "=== Session Summary ===",
        f"Total meter readings: {readings}",
        f"USB data transferred: {size} bytes",
        f"Average throughput: ~{throughput} bytes/sec",
        *([f"Lines not sent: {lost}"] if lost else []),
        "USB High-Speed (480 Mbps) enables efficient data logging",
    ]


class Terminal:
    """Has the port open, and reads when it is told to."""

    def __init__(self, path):
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.read = ""

    def close(self):
        os.close(self._fd)

    def read_until(self, pattern, seconds=30):
        """All that was read, as soon as this is in it."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.read):
            left = end - time.monotonic()
            assert left > 0, f"no {pattern!r} in {self.read!r}"
            if select.select([self._fd], [], [], left)[0]:
                self.read += os.read(self._fd, 65536).decode("ascii")
        return self.read

    def lines(self):
        assert self.read.endswith("\r\n"), self.read[-80:]
        return self.read.removesuffix("\r\n").split("\r\n")
