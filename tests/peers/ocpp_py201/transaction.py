"""A transaction as its TransactionEvents tell it, and the rules that they keep."""

import re
from datetime import datetime

from checks import holds

ID_MAX = 36
REGISTER = "Energy.Active.Import.Register"

#: Why a transaction begins.
STARTS = {"Authorized", "CablePluggedIn", "RemoteStart"}

#: Which triggerReason an Ended has, by its stoppedReason.
ENDS = {
    "Local": {"StopAuthorized"},
    "Remote": {"RemoteStop"},
    "DeAuthorized": {"Deauthorized"},
    "EVDisconnected": {"EVCommunicationLost"},
    "ImmediateReset": {"ResetCommand"},
    "Reboot": {"ResetCommand", "AbnormalCondition"},
    "PowerLoss": {"AbnormalCondition"},
    "Other": {"AbnormalCondition"},
    "EmergencyStop": {"AbnormalCondition"},
}

#: The context of what an Updated brings, by its triggerReason.
CONTEXTS = {
    "MeterValuePeriodic": "Sample.Periodic",
    "MeterValueClock": "Sample.Clock",
    "Trigger": "Trigger",
}


def utc(timestamp):
    """A timestamp as a datetime; it must be UTC, with a Z."""
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
    holds(re.fullmatch(pattern, timestamp), f"{timestamp} is not in UTC")
    return datetime.fromisoformat(timestamp)


def contexts(meter_value):
    """The contexts of all values in it; "Sample.Periodic" is the default."""
    return {sample.get("context", "Sample.Periodic") for sample in meter_value["sampled_value"]}


def registers_wh(meter_value):
    """What the energy register says in it, in Wh: one value or none."""
    values = []
    for sample in meter_value["sampled_value"]:
        if sample.get("measurand", REGISTER) == REGISTER and "phase" not in sample:
            unit = sample.get("unit_of_measure", {})
            scale = 10 ** unit.get("multiplier", 0)
            scale *= 1000 if unit.get("unit", "Wh") == "kWh" else 1
            values.append(sample["value"] * scale)
    return values


class Transaction:
    def __init__(self, transaction_id):
        self.id = transaction_id
        #: The entries of its TransactionEvents in the order in which they came, each once.
        self.events = []

    @property
    def start(self):
        return self.events[0]

    @property
    def ended(self):
        """The entry of its end, or None."""
        for entry in self.events:
            if entry.params["event_type"] == "Ended":
                return entry
        return None

    @property
    def evse(self):
        return self.start.params["evse"]["id"]

    def reported(self, name):
        """What its events say of that field of transactionInfo."""
        infos = [entry.params["transaction_info"] for entry in self.events]
        return [info[name] for info in infos if name in info]

    def meter_values(self):
        return [value for entry in self.events for value in entry.params.get("meter_value", [])]

    def registers(self):
        """Its first and its last register, in Wh: those of Transaction.Begin and Transaction.End."""
        return _register(self.start, "Transaction.Begin"), _register(self.ended, "Transaction.End")

    def energy_wh(self):
        """What was charged."""
        start, end = self.registers()
        return end - start

    def faults(self):
        """Every rule that it breaks, one line for each."""
        if not self.events:
            return [f"{self.id}: no events"]
        faults = [*self._order(), *self._beginning(), *self._middle(), *self._end()]
        return [f"{self.id}: {fault}" for fault in [*faults, *self._registers()]]

    def _order(self):
        if not 0 < len(self.id) <= ID_MAX:
            yield "its id is empty or too long"
        numbers = [entry.params["seq_no"] for entry in self.events]
        if numbers != list(range(len(numbers))):
            yield f"seqNos {numbers}"
        kinds = [entry.params["event_type"] for entry in self.events]
        if kinds != ["Started", *["Updated"] * (len(kinds) - 2), "Ended"]:
            yield f"eventTypes {kinds}"
        times = [utc(entry.params["timestamp"]) for entry in self.events]
        if times != sorted(times):
            yield "its time goes back"
        if len(set(self.reported("remote_start_id"))) > 1:
            yield "more than one remoteStartId"

    def _beginning(self):
        params = self.start.params
        if params["trigger_reason"] not in STARTS:
            yield f"it begins with {params['trigger_reason']}"
        evse = params.get("evse", {})
        if evse.get("id") not in (1, 2) or evse.get("connector_id") != 1:
            yield f"it begins at {evse}"
        if not params.get("id_token", {}).get("id_token"):
            yield "it begins without an idToken"
        remote = params["trigger_reason"] == "RemoteStart"
        if remote and "remote_start_id" not in params["transaction_info"]:
            yield "it begins without the remoteStartId"
        values = params.get("meter_value", [])
        if [contexts(value) for value in values] != [{"Transaction.Begin"}]:
            yield f"it begins with the meterValue {values}"

    def _middle(self):
        state = self.start.params["transaction_info"].get("charging_state")
        if state is None:
            yield "it begins without a chargingState"
        for entry in self.events[1:]:
            params, number = entry.params, entry.params["seq_no"]
            before, info = state, params["transaction_info"]
            state = info.get("charging_state", state)
            if params["event_type"] != "Updated":
                continue
            if params["trigger_reason"] == "ChargingStateChanged" and state == before:
                yield f"event {number}: still {state}"
            if "id_token" in params:
                yield f"event {number}: an idToken that is known"
            if "stopped_reason" in info:
                yield f"event {number}: a stoppedReason"
            context = CONTEXTS.get(params["trigger_reason"])
            seen = [contexts(value) for value in params.get("meter_value", [])]
            if context and seen not in ([{context}], []):
                yield f"event {number}: {params['trigger_reason']} with {seen}"
            if params["trigger_reason"].startswith("MeterValue") and not seen:
                yield f"event {number}: {params['trigger_reason']} without values"

    def _end(self):
        if not self.ended:
            return
        params = self.ended.params
        reason = params["transaction_info"].get("stopped_reason", "Local")
        trigger = params["trigger_reason"]
        if trigger not in ENDS.get(reason, ()):
            yield f"it ends with {reason} and {trigger}"
        if trigger != "StopAuthorized" and "id_token" in params:
            yield "it ends with an idToken that did not end it"
        values = params.get("meter_value", [])
        for value in values:
            if len(contexts(value)) > 1:
                yield f"contexts {contexts(value)} in one meterValue of its end"
        if _register(self.ended, "Transaction.End") is None:
            yield f"it ends with the meterValue {values}"

    def _registers(self):
        """In the order of time the register does not go back."""
        read = sorted(
            (utc(value["timestamp"]), wh)
            for value in self.meter_values()
            for wh in registers_wh(value)
        )
        readings = [wh for _, wh in read]
        if readings != sorted(readings):
            yield f"the register reads {readings}"


def _register(entry, context):
    """The register that has that context in an event, in Wh."""
    for value in entry.params.get("meter_value", []):
        if contexts(value) == {context} and registers_wh(value):
            return registers_wh(value)[0]
    return None
