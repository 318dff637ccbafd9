from checks import NotThere, equal, holds
from frame_log import CALLERROR, NO_ID
from topic import Topic

#: What is wrong: the codes that fit, the action and the payload.
REFUSED = {
    "an unknown action": (["NotImplemented"], "MakeCoffee", {}),
    "an action of OCPP 1.6": (["NotImplemented"], "ChangeConfiguration", {"key": "a"}),
    "a missing field": (
        ["OccurrenceConstraintViolation", "ProtocolError", "FormatViolation"],
        "RequestStopTransaction",
        {},
    ),
    "a missing field of an object": (
        ["OccurrenceConstraintViolation", "ProtocolError", "FormatViolation"],
        "RequestStartTransaction",
        {"remoteStartId": 1, "idToken": {"idToken": "Driver-1"}},
    ),
    "a number for a string": (
        ["TypeConstraintViolation"],
        "RequestStopTransaction",
        {"transactionId": 7},
    ),
    "a number for an object": (
        ["TypeConstraintViolation", "FormatViolation"],
        "GetVariables",
        {"getVariableData": [7]},
    ),
    "a string that is too long": (
        ["PropertyConstraintViolation"],
        "RequestStopTransaction",
        {"transactionId": "x" * 37},
    ),
    "a value that is none of the list": (
        ["PropertyConstraintViolation"],
        "Reset",
        {"type": "Hard"},
    ),
    "an unknown field": (
        ["FormatViolation", "ProtocolError", "OccurrenceConstraintViolation"],
        "UnlockConnector",
        {"evseId": 1, "connectorId": 1, "force": True},
    ),
}

#: These get no answer, or a CALLERROR without an id that says why.
DROPPED = {
    "text that is not JSON": (["{not json", '[2,"cut off","Reset",{"type":"Im'], NO_ID),
    "an unknown message type": (['[9,"future","Reset",{"type":"Immediate"}]'], "future"),
    "an answer to no CALL": (
        ['[3,"nobody-asked",{}]', '[4,"nobody-asked","GenericError","",{}]'],
        None,
    ),
}

topic = Topic("refused frames")


def refused(codes, action, payload):
    """The CALL is refused with one of these codes, and nothing else happens."""

    async def scenario(stage):
        code = await stage.system.malformed_call(action, payload)
        if code == "NotSupported":
            raise NotThere(f"{action}: {code}")
        holds(code in codes, f"error code is {code}, not one of {codes}")
        await stage.bench.caught_up()
        calls = stage.books.calls.since(stage.books.scenario_start)
        equal([entry.action for entry in calls], ["Heartbeat"], "CALLs")

    return scenario


def dropped(texts, answer_id):
    async def scenario(stage):
        stage.system.raw_ids |= {NO_ID, answer_id}
        since = stage.frames.mark
        for text in texts:
            await stage.system.malformed_frame(text)
        await stage.bench.caught_up()
        # Beside the answer to the trigger, and the heartbeat it asked for.
        for frame in stage.frames.sent(since)[:-2]:
            equal((frame.type, frame.id), (CALLERROR, answer_id or NO_ID), "answer")
            code = frame.elements[2]
            known = ("RpcFrameworkError", "MessageTypeNotSupported", "FormatViolation")
            holds(code in known, f"error code {code}")

    return scenario


for what, case in REFUSED.items():
    topic.scenario(what)(refused(*case))
for what, case in DROPPED.items():
    topic.scenario(f"{what} changes nothing")(dropped(*case))
