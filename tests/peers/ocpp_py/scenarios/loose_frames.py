"""Frames that say what they mean in a way of their own: they are taken, and told of."""

from checks import equal
from frame_log import CALLRESULT
from ocpp.v16 import call
from topic import Topic

#: What is loose: the field that is told of, the status, the action and the payload.
TAKEN = {
    "null for no payload": (None, "Accepted", "ClearCache", None),
    "a list for an empty object": ("payload", "Accepted", "ClearCache", []),
    "null for an optional field": (
        "messageId",
        "UnknownVendorId",
        "DataTransfer",
        {"vendorId": "elsewhere", "messageId": None},
    ),
    "null for an optional connector": (
        "connectorId",
        "Accepted",
        "TriggerMessage",
        {"requestedMessage": "FirmwareStatusNotification", "connectorId": None},
    ),
    "a whole number with a fraction": (
        "connectorId",
        "Accepted",
        "ChangeAvailability",
        {"connectorId": 1.0, "type": "Operative"},
    ),
}

#: Longer than 32 bits, and not to be found in other frames by chance.
NUMBERED = 70_001_234_567

topic = Topic("loose frames")


def deviations(stage, since):
    events = stage.point.events.since(since, lambda event: event.event == "deviation")
    return [event.field for event in events]


def taken(field, status, action, payload):
    async def scenario(stage):
        since = stage.point.events.mark
        message_id = f"loose-{stage.frames.mark}"
        answer = await stage.system.raw_call(message_id, action, payload)
        equal(answer.type, CALLRESULT, "type of the answer")
        equal(answer.elements[2]["status"], status, "status")
        await stage.bench.caught_up()
        equal(deviations(stage, since), [field] if field else [], "deviations")

    return scenario


for what, case in TAKEN.items():
    topic.scenario(what)(taken(*case))


@topic.scenario("a number for a message id comes back as a number")
async def numbered(stage):
    since = stage.point.events.mark
    answer = await stage.system.raw_call(NUMBERED, "ClearCache", {})
    equal(answer.text, f'[3,{NUMBERED},{{"status":"Accepted"}}]', "answer")
    await stage.bench.caught_up()
    equal(deviations(stage, since), ["messageId"], "deviations")


@topic.scenario("a message that is not known: NotImplemented")
async def unknown_message(stage):
    trigger = {"requestedMessage": "SignChargePointCertificate", "connectorId": 99}
    answer = await stage.system.raw_call("loose-trigger", "TriggerMessage", trigger)
    equal(answer.elements[2], {"status": "NotImplemented"}, "answer")


def acknowledged(payload):
    """A whole session in which the answers without fields have that payload."""

    async def scenario(stage):
        since = stage.point.events.mark
        stage.system.empty_payload = payload
        try:
            start = await stage.bench.charge(1)
            transaction_id = start.answer.transaction_id
            await stage.system.call(call.RemoteStopTransaction(transaction_id=transaction_id))
            await stage.bench.stopped(start, "Remote")
            await stage.bench.unplug(1)
            await stage.bench.caught_up()
        finally:
            stage.system.empty_payload = "{}"
        resent = [entry.action for entry in stage.books.all("StopTransaction") if entry.resent]
        equal(resent, [], "resent StopTransactions")
        errors = stage.point.events.since(since, lambda event: event.event == "error")
        equal([error.message for error in errors], [], "errors")

    return scenario


for payload in ("null", "[]"):
    topic.scenario(f"answers with the payload {payload} acknowledge")(acknowledged(payload))


@topic.scenario("an answer that cannot be used holds nothing up")
async def unusable(stage):
    since = stage.point.events.mark
    stage.system.empty_payload = '"",{}'
    message = "StatusNotification failed: the answer cannot be read"
    try:
        await stage.bench.plug(2)
        await stage.point.until("error", since, message=message)
    finally:
        stage.system.empty_payload = "{}"
    await stage.bench.caught_up()
    await stage.bench.unplug(2)
