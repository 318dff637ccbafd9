"""What the central system knows (tags, transactions) and what it has been told.

Parameters are in snake case, as the package hands them over.
"""

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from journal import Journal
from ocpp.v16 import call_result

HEARTBEAT_INTERVAL_S = 300
FLEET = "FLEET-7"


class Tags:
    DRIVER = "Driver-1"
    #: In the same group as DRIVER.
    PARTNER = "Partner-1"
    STRANGER = "Stranger-1"
    INVALID = "NEVER-SEEN"
    BLOCKED = "STOLEN"
    #: Authorize accepts it, StartTransaction does not.
    REFUSED_AT_START = "TOO-LATE"


def _id_tag_info(id_tag, starting=False):
    if id_tag == Tags.BLOCKED:
        return {"status": "Blocked"}
    if id_tag == Tags.INVALID or (starting and id_tag == Tags.REFUSED_AT_START):
        return {"status": "Invalid"}
    if id_tag in (Tags.DRIVER, Tags.PARTNER):
        return {"status": "Accepted", "parent_id_tag": FLEET}
    return {"status": "Accepted"}


def utc_now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Entry:
    """A CALL of the charge point, with the answer it got."""

    connection: int
    id: str
    action: str
    params: dict
    answer: Any
    resent: bool
    index: int = -1


class Books:
    def __init__(self):
        self.calls = Journal("central system")
        self.scenario_start = 0
        self.boots = 0
        #: Connector -> the status it reported last.
        self.statuses = {}
        #: Transactions started and not yet stopped: id -> connector.
        self.open = {}
        #: Action -> seconds until the next one is answered.
        self.delays = {}
        # Milliseconds since 1970, as some central systems number them: more than 32 bits.
        self._next_transaction = 1_772_438_400_001
        self._answers = {}

    def enter(self, connection, message_id, action, params):
        """Enters a CALL and returns its answer; a resent CALL gets the answer of the first."""
        resent = message_id in self._answers
        if not resent:
            self._answers[message_id] = self._answer(action, params)
        answer = self._answers[message_id]
        self.calls.add(Entry(connection, message_id, action, params, answer, resent))
        return answer

    def _answer(self, action, params):
        match action:
            case "BootNotification":
                self.boots += 1
                return call_result.BootNotification(utc_now(), HEARTBEAT_INTERVAL_S, "Accepted")
            case "Heartbeat":
                return call_result.Heartbeat(utc_now())
            case "Authorize":
                return call_result.Authorize(_id_tag_info(params["id_tag"]))
            case "StartTransaction":
                transaction_id = self._next_transaction
                self._next_transaction += 1
                self.open[transaction_id] = params["connector_id"]
                id_tag_info = _id_tag_info(params["id_tag"], starting=True)
                return call_result.StartTransaction(transaction_id, id_tag_info)
            case "StopTransaction":
                self.open.pop(params["transaction_id"], None)
                id_tag = params.get("id_tag")
                return call_result.StopTransaction(_id_tag_info(id_tag) if id_tag else None)
            case "StatusNotification":
                self.statuses[params["connector_id"]] = params["status"]
                return call_result.StatusNotification()
            case "MeterValues":
                return call_result.MeterValues()
            case "FirmwareStatusNotification":
                return call_result.FirmwareStatusNotification()
            case "DiagnosticsStatusNotification":
                return call_result.DiagnosticsStatusNotification()
            case "LogStatusNotification":
                return call_result.LogStatusNotification()
            case "SecurityEventNotification":
                return call_result.SecurityEventNotification()
            case "SignedFirmwareStatusNotification":
                return call_result.SignedFirmwareStatusNotification()
            case "DataTransfer":
                return call_result.DataTransfer("Accepted", data="received")
        raise ValueError(f"no answer to {action} in the books")

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

    async def until_statuses(self, wanted, within=None):
        """Waits until these connectors have these statuses: `{1: "Available"}`."""

        def reached(_):
            return all(self.statuses.get(n) == status for n, status in wanted.items())

        await self.calls.until(reached, 0, within, f"statuses {wanted}")


def _matcher(action, params):
    def matches(entry):
        return entry.action == action and all(
            entry.params.get(name) == value for name, value in params.items()
        )

    return matches
