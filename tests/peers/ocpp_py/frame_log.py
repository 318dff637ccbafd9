"""Every frame that crossed the websocket, raw.

Directions are the charge point's, as in its own --json lines: "out" is what it sent, "in" is
what it was sent.
"""

import json
from dataclasses import dataclass

from journal import Journal
from ocpp.exceptions import OCPPError
from ocpp.messages import Call, CallResult, validate_payload

CALL, CALLRESULT, CALLERROR = 2, 3, 4

_ALWAYS = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "PropertyConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}

#: Error codes by the version of OCPP.
ERROR_CODES = {
    "1.6": _ALWAYS | {"FormationViolation", "OccurenceConstraintViolation"},
    "2.0.1": _ALWAYS
    | {
        "FormatViolation",
        "OccurrenceConstraintViolation",
        "RpcFrameworkError",
        "MessageTypeNotSupported",
    },
}

#: The id in a CALLERROR about a frame whose id cannot be read (OCPP 2.0.1).
NO_ID = "-1"


@dataclass
class Frame:
    dir: str
    text: str
    expect_invalid: bool
    index: int = -1

    def __post_init__(self):
        self.elements = parse(self.text)
        self.type = self.elements[0] if self.elements else None
        self.id = self.elements[1] if len(self.elements) > 1 else None


def parse(text):
    """The elements of a frame; none when the text is no JSON array."""
    try:
        elements = json.loads(text)
    except ValueError:
        return []
    return elements if isinstance(elements, list) else []


class FrameLog(Journal):
    """The frames of a charge point that speaks that version of OCPP."""

    def __init__(self, version):
        super().__init__("frames")
        self.version = version
        self._malformed = set()

    def expect_invalid(self, text):
        """Announces a frame that is malformed on purpose."""
        self._malformed.add(text)

    def record(self, direction, text):
        malformed = direction == "in" and text in self._malformed
        return self.add(Frame(direction, text, malformed))

    def sent(self, since=0):
        """What the charge point sent from position `since` on."""
        return self.since(since, lambda frame: frame.dir == "out")

    async def answer_to(self, message_id):
        """Waits for the CALLRESULT or CALLERROR the charge point gives to that CALL."""

        def answers(frame):
            return frame.dir == "out" and frame.type != CALL and frame.id == message_id

        return await self.until(answers, what=f"answer to {message_id}")

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            for frame in self.entries:
                line = {
                    "dir": frame.dir,
                    "text": frame.text,
                    "expect_invalid": frame.expect_invalid,
                }
                file.write(json.dumps(line) + "\n")

    async def faults(self):
        """What is wrong with the frames by the schemas of the package: one line for each."""
        actions = {"in": {}, "out": {}}
        faults = []
        for frame in self.entries:
            if frame.type == CALL and len(frame.elements) > 2:
                actions[frame.dir][frame.id] = frame.elements[2]
            if frame.expect_invalid:
                continue
            fault = await _fault(frame, actions["in" if frame.dir == "out" else "out"], self.version)
            if fault:
                faults.append(f"{fault}: {frame.dir} {frame.text}")
        return faults


async def _fault(frame, asked, version):
    lengths = {CALL: 4, CALLRESULT: 3, CALLERROR: 5}
    if frame.type not in lengths:
        return "not an OCPP-J frame"
    if len(frame.elements) != lengths[frame.type]:
        return "wrong number of elements"
    if frame.type == CALLERROR and frame.id == NO_ID and version != "1.6":
        return _call_error_fault(version, *frame.elements[2:])
    if frame.type != CALL and frame.id not in asked:
        return "answers no CALL"
    if frame.type == CALLERROR:
        return _call_error_fault(version, *frame.elements[2:])
    if frame.type == CALL:
        message = Call(*frame.elements[1:])
    else:
        message = CallResult(frame.id, frame.elements[2], action=asked[frame.id])
    try:
        await validate_payload(message, version)
    except OCPPError as error:
        return str(error)
    return None


def _call_error_fault(version, code, description, details):
    if code not in ERROR_CODES[version]:
        return f"{code} is no error code of OCPP {version}"
    if not isinstance(description, str) or len(description) > 255:
        return "bad description"
    return None if isinstance(details, dict) else "details are not an object"
