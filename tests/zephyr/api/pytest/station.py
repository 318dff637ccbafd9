# SPDX-License-Identifier: Apache-2.0

"""What the central system knows of one charge point: every test is one, by its name."""

import threading
from datetime import datetime, timedelta, timezone

from transaction_events import TransactionEvents


class Transaction:
    def __init__(self, number, call):
        self.number = number
        self.connector = call["connectorId"]
        self.meter_start = call["meterStart"]
        self.meter_stop = None
        # The id of the CALL that stopped it.
        self.stopped_by = None

    def __str__(self):
        stop = "" if self.meter_stop is None else self.meter_stop
        return f"{self.connector}:{self.meter_start}-{stop}"


class Station:
    def __init__(self, name):
        self.name = name
        # What it has to offer, and what is spoken with it.
        self.subprotocol = "ocpp1.6"
        # How CALLs of an action are answered, where not as usual.
        self.rules = {}
        # How a handshake is answered: as commands.py says.
        self.handshake = "accept"
        self.handshakes = 0
        self.connection = None
        self.connections = 0
        self.offences = []
        # Every CALL of the charge point, by its action.
        self.calls = {}
        self.ahead = timedelta()
        self._payloads = {}
        self._transactions = {}
        # Of OCPP 2.0.1.
        self.events = TransactionEvents(self.offend)
        self._changed = threading.Condition()

    def changed(self):
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, condition, seconds):
        """True when the condition holds within that time."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def offend(self, what):
        print(f"OFFENCE of {self.name}: {what}")
        self.offences.append(what)

    def now(self):
        now = datetime.now(timezone.utc) + self.ahead
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def set_clock(self, time_stamp):
        self.ahead = datetime.fromisoformat(time_stamp) - datetime.now(timezone.utc)

    def take_call(self, message_id, action, payload):
        if self._payloads.setdefault(message_id, (action, payload)) != (action, payload):
            self.offend(f"two CALLs have the id {message_id}")
        self.calls.setdefault(action, []).append(payload)
        self.changed()

    def answer(self, message_id, action, payload):
        """What a central system that is content says to a CALL."""
        has_events = self.subprotocol == "ocpp2.0.1"
        accepted = {"idTokenInfo" if has_events else "idTagInfo": {"status": "Accepted"}}
        if action == "BootNotification":
            return {"status": "Accepted", "currentTime": self.now(), "interval": 300}
        if action == "Heartbeat":
            return {"currentTime": self.now()}
        if action == "Authorize":
            return accepted
        if action == "StartTransaction":
            transaction = self._start(message_id, payload)
            return {"transactionId": transaction.number, **accepted}
        if action == "TransactionEvent":
            self.events.take(payload)
            self.changed()
            return accepted if "idToken" in payload else {}
        if action == "StopTransaction":
            self._stop(message_id, payload)
        elif payload.get("transactionId") is not None:
            self._find(payload["transactionId"])
        return {}

    def books(self):
        """Every transaction as connector:meterStart-meterStop, those of one connector in the
        order in which they began."""
        if self.subprotocol == "ocpp2.0.1":
            return self.events.books()
        by_connector = sorted(self._transactions.values(), key=lambda one: one.connector)
        return " ".join(map(str, by_connector))

    def actions(self):
        """Of all CALLs of the charge point, in the order in which they came."""
        return [action for action, _ in self._payloads.values()]

    def message_ids(self):
        """Of all CALLs of the charge point."""
        return list(self._payloads)

    def transactions(self):
        """All of them, in the order in which they were told."""
        return list(self._transactions.values())

    def transaction(self, number):
        """The one that was given this number."""
        return next(one for one in self.transactions() if one.number == number)

    def _start(self, message_id, call):
        # One that is sent again, because its answer did not arrive, is the same.
        number = len(self._transactions) + 1
        transaction = self._transactions.setdefault(message_id, Transaction(number, call))
        self.changed()
        return transaction

    def _stop(self, message_id, call):
        transaction = self._find(call["transactionId"])
        if transaction is None:
            return
        # One that is sent again, because its answer did not arrive, is the same.
        if transaction.stopped_by not in (None, message_id):
            self.offend(f"transaction {transaction.number} was stopped twice")
        transaction.stopped_by = message_id
        transaction.meter_stop = call["meterStop"]
        self.changed()

    def _find(self, number):
        for transaction in self._transactions.values():
            if transaction.number == number:
                return transaction
        self.offend(f"there is no transaction {number}")
        return None
