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
from image import PATIENCE_SECONDS, Image  # noqa: E402
from transcript import Transcript  # noqa: E402

NAME = "CP1"
NUMBERS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)
# A window on a virtual screen.
NO_SCREEN = {**os.environ, "SDL_VIDEODRIVER": "dummy"}


class ChargePoint:
    """At first it is off, and the central system is there."""

    def __init__(self, config):
        dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
        self.limits = {name: int(value) for name, value in NUMBERS.findall(dot_config)}
        self._program = config.app_build_dir / "zephyr" / "zephyr.exe"
        frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
        port = _free_port()
        self.url = f"ws://127.0.0.1:{port}/ocpp/{NAME}"
        self.central_system = CentralSystem(port, {"ocpp1.6": Transcript(frames)}, self.limits)
        self._is_listening = True
        self.station = self.central_system.station(NAME)
        self.commands = Commands(self.central_system, None)
        self.commands.begin(NAME)
        self.image = None

    def boot(self, *switches, environment=NO_SCREEN, **options):
        self.central_system.pace = options.get("rt_ratio", 1)
        self.image = Image(
            self._program, *switches, environment=environment, csms=self.url, **options
        )

    def lose_power(self):
        self.image.kill()
        self.image = None
        # What it has sent until then was sent: it must not arrive after what the next one sends.
        assert not self._is_listening or self.central_system.outlive(PATIENCE_SECONDS)

    def close(self):
        if self.image:
            self.image.kill()
        if self._is_listening:
            self.go_offline()

    def go_offline(self):
        self.central_system.stop_listening()
        self._is_listening = False

    def go_online(self):
        self.central_system.listen()
        self._is_listening = True

    def says(self, text):
        assert self.image.says(text), f"it did not say: {text}"

    def calls(self, action):
        return self.station.calls.get(action, [])

    def wait_for(self, action, count=1, seconds=PATIENCE_SECONDS):
        """Until there have been so many CALLs of that."""
        enough = self.station.wait_until(lambda: len(self.calls(action)) >= count, seconds)
        assert enough, f"{count} {action} did not come, but {len(self.calls(action))}"

    def wait_until_reported(self):
        """Until the central system knows of connector 0 and all others."""
        self.wait_for("StatusNotification", self.calls_of_a_boot())

    def calls_of_a_boot(self):
        """StatusNotifications that a boot sends when nothing else happens."""
        return 1 + self.limits["CONFIG_OCPP_CONNECTORS"]

    def tell(self, call):
        """The central system asks for something, which is accepted."""
        assert self.commands.call(call) in ('result {"status":"Accepted"}', "result {}")

    def change(self, key, value):
        self.tell(f"ChangeConfiguration {{'key':'{key}','value':'{value}'}}")

    def present(self, connector, id_tag):
        """The central system starts a transaction."""
        self.tell(f"RemoteStartTransaction {{'connectorId':{connector},'idTag':'{id_tag}'}}")

    def charge(self, connector, id_tag):
        """As present; returns when the transaction has begun."""
        before = len(self.calls("StartTransaction"))
        self.present(connector, id_tag)
        self.wait_for("StartTransaction", before + 1)
        return self.station.transactions()[-1]

    def stop(self, transaction):
        self.tell(f"RemoteStopTransaction {{'transactionId':{transaction.number}}}")
        assert self.station.wait_until(
            lambda: transaction.meter_stop is not None, PATIENCE_SECONDS
        )


def time_of(call):
    """When the charge point made this CALL, or took the sample in it, in its own seconds."""
    time_stamp = call["timestamp"] if "timestamp" in call else call["meterValue"][0]["timestamp"]
    return datetime.fromisoformat(time_stamp).timestamp()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
