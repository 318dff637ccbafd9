# SPDX-License-Identifier: Apache-2.0

"""The firmware in a process of native_sim, and a central system, which is that of the tests of the
API."""

import os
import re
import socket
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "api" / "pytest"))

from central_system import CentralSystem  # noqa: E402
from commands import Commands  # noqa: E402
from image import Image  # noqa: E402
from transcript import Transcript  # noqa: E402

PATIENCE_SECONDS = 30
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)
NAME = "CP1"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class ChargePoint:
    def __init__(self, config, speed):
        """Its time goes so many times as fast as that of everybody else."""
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        self.limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
        self.speed = speed
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        port = free_port()
        self.central_system = CentralSystem(port, Transcript(frames), self.limits)
        self.station = self.central_system.station(NAME)
        # The central system's time goes another way: it is to be asked for only once.
        self.station.rules["BootNotification"] = 'answer {"interval":86400}'
        self.commands = Commands(self.central_system, None)
        self.commands.begin(NAME)
        self.image = Image(
            config.app_build_dir / "zephyr" / "zephyr.exe",
            "flash_in_ram",
            rt_ratio=speed,
            csms=f"ws://127.0.0.1:{port}/ocpp/{NAME}",
        )
        assert self.wait_for("StatusNotification", 1 + self.limits["CONFIG_OCPP_CONNECTORS"])

    def close(self):
        self.image.close()
        self.central_system.stop_listening()
        print("\n".join(self.image.lines))

    def calls(self, action):
        return self.station.calls.get(action, [])

    def wait_for(self, action, count, seconds=PATIENCE_SECONDS):
        """Whether there have been so many."""
        return self.station.wait_until(lambda: len(self.calls(action)) >= count, seconds)

    def change(self, key, value):
        call = f"ChangeConfiguration {{'key':'{key}','value':'{value}'}}"
        assert self.commands.call(call) == 'result {"status":"Accepted"}'

    def charge(self, connector, id_tag):
        """The central system has somebody charge; returns when that is so."""
        before = len(self.calls("StartTransaction"))
        call = f"RemoteStartTransaction {{'connectorId':{connector},'idTag':'{id_tag}'}}"
        assert self.commands.call(call) == 'result {"status":"Accepted"}'
        assert self.wait_for("StartTransaction", before + 1)
        return self.station.transactions()[-1]

    def stop(self, transaction):
        call = f"RemoteStopTransaction {{'transactionId':{transaction.number}}}"
        assert self.commands.call(call) == 'result {"status":"Accepted"}'
        assert self.station.wait_until(
            lambda: transaction.meter_stop is not None, PATIENCE_SECONDS
        )


def time_of(call):
    """When the charge point made this CALL, or took the sample in it, in its own seconds."""
    time_stamp = call["timestamp"] if "timestamp" in call else call["meterValue"][0]["timestamp"]
    return datetime.fromisoformat(time_stamp).timestamp()
