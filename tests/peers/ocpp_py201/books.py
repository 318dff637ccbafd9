"""What the CSMS knows (idTokens) and what it has been told.

Parameters are in snake case, as the package hands them over.
"""

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from checks import holds
from journal import Journal
from ocpp.v201 import call_result
from transaction import Transaction

HEARTBEAT_INTERVAL_S = 300
FLEET = {"id_token": "FLEET-7", "type": "Central"}


class Tokens:
    DRIVER = "Driver-1"
    #: In the same group as DRIVER.
    PARTNER = "Partner-1"
    STRANGER = "Stranger-1"
    INVALID = "NEVER-SEEN"
    BLOCKED = "STOLEN"
    #: Authorize accepts it, the answer to its TransactionEvent does not.
    REFUSED_AT_START = "TOO-LATE"


def _id_token_info(token, starting=False):
    text = token["id_token"]
    if text == Tokens.BLOCKED:
        return {"status": "Blocked"}
    if text == Tokens.INVALID or (starting and text == Tokens.REFUSED_AT_START):
        return {"status": "Invalid"}
    if text in (Tokens.DRIVER, Tokens.PARTNER):
        return {"status": "Accepted", "group_id_token": FLEET}
    return {"status": "Accepted"}


def utc_now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Entry:
    """A CALL of the charging station, with the answer it got."""

    connection: int
    id: str
    action: str
    params: dict
    answer: Any
    resent: bool
    index: int = -1


class Books:
    def __init__(self):
        self.calls = Journal("CSMS")
        self.scenario_start = 0
        self.boots = 0
        #: (status, interval) of the next answers to BootNotification; Accepted when there is none.
        self.registrations = []
        #: EVSE -> the status that its connector reported last.
        self.statuses = {}
        #: Every transaction, by its id.
        self.transactions = {}
        #: Action -> seconds until the next one is answered.
        self.delays = {}
        self._answers = {}

    @property
    def open(self):
        """The transactions that have not ended."""
        return [one for one in self.transactions.values() if not one.ended]

    def enter(self, connection, message_id, action, params):
        """Enters a CALL and returns its answer; a resent CALL gets the answer of the first."""
        resent = message_id in self._answers
        if not resent:
            self._answers[message_id] = self._answer(action, params)
        entry = Entry(connection, message_id, action, params, self._answers[message_id], resent)
        if action == "TransactionEvent" and not resent:
            transaction_id = params["transaction_info"]["transaction_id"]
            transaction = self.transactions.setdefault(transaction_id, Transaction(transaction_id))
            transaction.events.append(entry)
        self.calls.add(entry)
        return entry.answer

    def _answer(self, action, params):
        match action:
            case "BootNotification":
                return self._register()
            case "Heartbeat":
                return call_result.Heartbeat(utc_now())
            case "Authorize":
                return call_result.Authorize(_id_token_info(params["id_token"]))
            case "TransactionEvent":
                token = params.get("id_token")
                starting = params["event_type"] != "Ended"
                info = _id_token_info(token, starting) if token else None
                return call_result.TransactionEvent(id_token_info=info)
            case "StatusNotification":
                holds(params["connector_id"] == 1, "an EVSE has one connector")
                self.statuses[params["evse_id"]] = params["connector_status"]
                return call_result.StatusNotification()
            case "DataTransfer":
                return call_result.DataTransfer("Accepted", data="received")
            case "MeterValues" | "NotifyReport" | "NotifyEvent" | "SecurityEventNotification":
                return getattr(call_result, action)()
        raise ValueError(f"no answer to {action} in the books")

    def _register(self):
        status, interval = "Accepted", HEARTBEAT_INTERVAL_S
        if self.registrations:
            status, interval = self.registrations.pop(0)
        self.boots += status == "Accepted"
        return call_result.BootNotification(utc_now(), interval, status)

    def start_scenario(self):
        """From here on `until` and `all` look at a new scenario only."""
        self.scenario_start = self.calls.mark

    async def until(self, action, after=None, within=None, **params):
        """The first `action` of this scenario, or after the entry `after`, with `params`."""
        since = self.scenario_start if after is None else after.index + 1
        what = " ".join([action, *(f"{name}={value}" for name, value in params.items())])
        return await self.calls.until(_matcher(action, params), since, within, what)

    def all(self, action, **params):
        """Every such CALL of this scenario so far, resent ones included."""
        return self.calls.since(self.scenario_start, _matcher(action, params))

    def last(self):
        """The latest entry, for `after`."""
        return self.calls.entries[-1]

    async def until_started(self, evse, token, after=None):
        """The transaction that begins at that EVSE for that token."""

        def starts(entry):
            return (
                entry.action == "TransactionEvent"
                and entry.params["event_type"] == "Started"
                and entry.params["evse"]["id"] == evse
                and entry.params["id_token"]["id_token"] == token
            )

        since = self.scenario_start if after is None else after.index + 1
        entry = await self.calls.until(starts, since, what=f"start at EVSE {evse} of {token}")
        return self.transactions[entry.params["transaction_info"]["transaction_id"]]

    async def until_event(self, transaction, matches, after=None, what="event"):
        """The first event of that transaction that matches."""

        def fits(entry):
            return (
                entry.action == "TransactionEvent"
                and entry.params["transaction_info"]["transaction_id"] == transaction.id
                and matches(entry.params)
            )

        since = 0 if after is None else after.index + 1
        return await self.calls.until(fits, since, what=f"{what} of transaction {transaction.id}")

    def started(self):
        """The transactions of this scenario."""
        events = self.all("TransactionEvent", event_type="Started")
        return [entry.params["transaction_info"]["transaction_id"] for entry in events]

    def ended(self):
        """Those that have ended in it; twice what was told twice."""
        events = self.all("TransactionEvent", event_type="Ended")
        return [entry.params["transaction_info"]["transaction_id"] for entry in events]

    async def until_statuses(self, wanted, within=None):
        """Waits until the connectors of these EVSEs have these statuses: `{1: "Available"}`."""

        def reached(_):
            return all(self.statuses.get(n) == status for n, status in wanted.items())

        if not reached(None):
            await self.calls.until(
                reached, self.calls.mark, within, f"statuses {wanted} ({self.statuses})"
            )


def _matcher(action, params):
    def matches(entry):
        return entry.action == action and all(
            entry.params.get(name) == value for name, value in params.items()
        )

    return matches
