from datetime import datetime, timedelta, timezone

from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

TOMORROW = (datetime.now(timezone.utc) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

#: A good request for each feature profile that a charge point need not have.
BEYOND_CORE = {
    "FirmwareManagement": call.GetDiagnostics(location="ftp://127.0.0.1/logs"),
    "LocalAuthListManagement": call.GetLocalListVersion(),
    "Reservation": call.ReserveNow(
        connector_id=1, expiry_date=TOMORROW, id_tag="Driver-1", reservation_id=1
    ),
    "SmartCharging": call.ClearChargingProfile(),
}

#: What is wrong: the code it is refused with, the action and the payload.
REFUSED = {
    "an unknown action": ("NotImplemented", "MakeCoffee", {}),
    "a missing field": ("ProtocolError", "RemoteStopTransaction", {}),
    "the second of two fields missing": (
        "ProtocolError",
        "ChangeConfiguration",
        {"key": "HeartbeatInterval"},
    ),
    "a string for a number": (
        "TypeConstraintViolation",
        "RemoteStopTransaction",
        {"transactionId": "seven"},
    ),
    "a string for a list": (
        "TypeConstraintViolation",
        "GetConfiguration",
        {"key": "HeartbeatInterval"},
    ),
    "a string that is too long": (
        "PropertyConstraintViolation",
        "RemoteStartTransaction",
        {"idTag": "X" * 21},
    ),
    "a value that is none of the list": (
        "PropertyConstraintViolation",
        "Reset",
        {"type": "Gentle"},
    ),
    "an unknown field": (
        "FormationViolation",
        "UnlockConnector",
        {"connectorId": 1, "force": True},
    ),
}

#: Which code fits best is left to the charge point.
REFUSED_SOMEHOW = {
    "a payload that is a list": ("ClearCache", [1]),
    "no payload at all": ("ClearCache",),
}

#: These get no answer.
DROPPED = {
    "text that is not JSON is dropped": ["{not json", '[2,"cut off","Reset",{"type":"Ha'],
    "an unknown message type is ignored": ['[9,"future","Reset",{"type":"Hard"}]'],
    "an answer to no CALL changes nothing": [
        '[3,"nobody-asked",{}]',
        '[4,"nobody-asked","GenericError","",{}]',
    ],
}

topic = Topic("refused frames")


def refused(code, action, *payload):
    """The CALL is refused with `code`, and nothing else happens."""

    async def scenario(stage):
        equal(await stage.system.malformed_call(action, *payload), code, "error code")
        await stage.bench.caught_up()
        calls = stage.books.calls.since(stage.books.scenario_start)
        equal([entry.action for entry in calls], ["Heartbeat"], "CALLs")

    return scenario


def refused_somehow(action, *payload):
    async def scenario(stage):
        code = await stage.system.malformed_call(action, *payload)
        holds(code, "it was answered with a CALLRESULT")
        await stage.bench.caught_up()

    return scenario


def dropped(texts):
    """The texts get no answer, and the next frame is handled normally."""

    async def scenario(stage):
        since = stage.frames.mark
        for text in texts:
            await stage.system.malformed_frame(text)
        await stage.bench.caught_up()
        # The answer to the trigger, and the heartbeat it asked for.
        equal(len(stage.frames.sent(since)), 2, "number of frames sent")

    return scenario


for what, case in REFUSED.items():
    topic.scenario(f"{what}: {case[0]}")(refused(*case))
for what, case in REFUSED_SOMEHOW.items():
    topic.scenario(f"{what}: an error")(refused_somehow(*case))
for what, texts in DROPPED.items():
    topic.scenario(what)(dropped(texts))


@topic.scenario("an action of a profile that is not there: NotSupported")
async def profile_not_there(stage):
    request = call.GetConfiguration(key=["SupportedFeatureProfiles"])
    answer = await stage.system.call(request)
    there = answer.configuration_key[0]["value"].split(",")
    for profile, request in BEYOND_CORE.items():
        if profile not in there:
            equal(await stage.system.refusal(request), "NotSupported", f"answer to {request}")
