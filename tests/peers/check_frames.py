"""Checks recorded OCPP-J frames against two sets of the official schemas.

usage: check_frames.py [--ocpp VERSION] --npm-schemas FILE --pypi-schemas DIR FRAMES_FILE...

VERSION is 1.6, the default, or 2.0.1. FILE is lib/schemas/ocpp1_6.json or ocpp2_0_1.json of the npm
package ocpp-rpc, DIR is ocpp/v16/schemas or ocpp/v201/schemas of the PyPI package ocpp. A frames file has one JSON object a line, in the order of the wire:
{"dir": "in" or "out", "text": the frame, "expect_invalid": malformed on purpose, if it is}.
"""

import argparse
import json
import re
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from jsonschema import Draft4Validator, Draft6Validator, Draft7Validator, FormatChecker
from jsonschema.exceptions import best_match

CALL, CALLRESULT, CALLERROR = 2, 3, 4
ELEMENTS = {CALL: 4, CALLRESULT: 3, CALLERROR: 5}
DESCRIPTION_MAX = 255
FAILURES_SHOWN = 10

ALWAYS = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "PropertyConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}
ERROR_CODES = {
    "1.6": ALWAYS | {"FormationViolation", "OccurenceConstraintViolation"},
    "2.0.1": ALWAYS
    | {
        "FormatViolation",
        "OccurrenceConstraintViolation",
        "RpcFrameworkError",
        "MessageTypeNotSupported",
    },
}
# In OCPP 2.0.1 the id in a CALLERROR about a frame whose id cannot be read.
NO_ID = "-1"

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

formats = FormatChecker(formats=())


@formats.checks("date-time")
def is_date_time(value):
    if not isinstance(value, str):
        return True
    match = RFC_3339.fullmatch(value)
    if not match:
        return False
    try:
        datetime.fromisoformat(value[:19].upper() + match[2].upper())
    except ValueError:
        return False
    return True


class Invalid(Exception):
    """A frame that is wrong, and why."""


def read_json(text):
    """Floats are read as decimals, so that "multiple of 0.1" means what it says."""
    return json.loads(text, parse_float=Decimal)


class NpmSchemas:
    """One file with all schemas; their ids end in .req and .conf."""

    def __init__(self, file):
        schemas = read_json(Path(file).read_text(encoding="utf-8"))
        self._validators = {
            schema["$id"]: Draft7Validator(schema, format_checker=formats) for schema in schemas
        }

    def find(self, action, is_answer):
        return self._validators.get(f"urn:{action}.{'conf' if is_answer else 'req'}")


class PypiSchemas:
    """A file for each schema; those of answers end in Response, those of requests in `ending`."""

    def __init__(self, directory, validator, ending):
        self._ending = ending
        self._validators = {
            file.stem: validator(
                read_json(file.read_text(encoding="utf-8-sig")), format_checker=formats
            )
            for file in Path(directory).glob("*.json")
        }

    def find(self, action, is_answer):
        return self._validators.get(f"{action}{'Response' if is_answer else self._ending}")


# How the schemas of the PyPI package are written.
PYPI = {"1.6": (Draft4Validator, ""), "2.0.1": (Draft6Validator, "Request")}


class Recording:
    """The frames of one file; knows which CALL each answer belongs to."""

    def __init__(self, version, sources):
        self._version = version
        self._sources = sources
        self._actions = {"in": {}, "out": {}}

    def check(self, direction, text, expect_invalid):
        """Raises Invalid, unless the frame is malformed on purpose; returns whether it was."""
        asked = self._actions["in" if direction == "out" else "out"]
        try:
            frame = read_json(text)
        except ValueError:
            frame = None
        if isinstance(frame, list) and len(frame) > 2 and frame[0] == CALL:
            self._actions[direction][str(frame[1])] = frame[2]
        if expect_invalid:
            return False
        self._check_elements(frame, asked)
        if frame[0] == CALLERROR:
            check_call_error(self._version, *frame[2:])
        else:
            is_answer = frame[0] == CALLRESULT
            action = asked[str(frame[1])] if is_answer else frame[2]
            self._check_payload(action, is_answer, frame[-1])
        return True

    def _check_elements(self, frame, asked):
        if not isinstance(frame, list) or not frame or frame[0] not in ELEMENTS:
            raise Invalid("not an OCPP-J frame")
        if len(frame) != ELEMENTS[frame[0]]:
            raise Invalid(f"{len(frame)} elements instead of {ELEMENTS[frame[0]]}")
        is_text = isinstance(frame[1], str) and 0 < len(frame[1]) <= 36
        # A CALL that was malformed on purpose may have a number, which its answer repeats.
        is_echo = frame[0] != CALL and isinstance(frame[1], int)
        if not is_text and not is_echo:
            raise Invalid("the message id is not a string of 1 to 36 characters")
        if frame[0] == CALLERROR and frame[1] == NO_ID and self._version != "1.6":
            return
        if frame[0] != CALL and str(frame[1]) not in asked:
            raise Invalid("it answers no CALL")

    def _check_payload(self, action, is_answer, payload):
        for source, schemas in self._sources.items():
            validator = schemas.find(action, is_answer)
            if validator is None:
                raise Invalid(f"{source}: no schema for {action}")
            error = best_match(validator.iter_errors(payload))
            if error:
                raise Invalid(f"{source}: {error.json_path}: {error.message}")


def check_call_error(version, code, description, details):
    if code not in ERROR_CODES[version]:
        raise Invalid(f"{code} is no error code of OCPP {version}")
    if not isinstance(description, str) or len(description) > DESCRIPTION_MAX:
        raise Invalid(f"the description is not a string of up to {DESCRIPTION_MAX} characters")
    if not isinstance(details, dict):
        raise Invalid("the details are not an object")


def check_file(path, version, sources):
    """Returns the number of valid frames, of those malformed on purpose, and the failures."""
    recording = Recording(version, sources)
    valid, malformed, failures = 0, 0, []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            entry = json.loads(line)
            try:
                if recording.check(entry["dir"], entry["text"], entry.get("expect_invalid", False)):
                    valid += 1
                else:
                    malformed += 1
            except Invalid as reason:
                failures.append(f"{path}:{number}: {reason}: {entry['dir']} {entry['text']}")
    return valid, malformed, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--ocpp", choices=ERROR_CODES, default="1.6", metavar="VERSION")
    parser.add_argument("--npm-schemas", required=True, metavar="FILE")
    parser.add_argument("--pypi-schemas", required=True, metavar="DIR")
    parser.add_argument("frames", nargs="+", metavar="FRAMES_FILE")
    arguments = parser.parse_args()
    sources = {
        "npm": NpmSchemas(arguments.npm_schemas),
        "pypi": PypiSchemas(arguments.pypi_schemas, *PYPI[arguments.ocpp]),
    }

    valid, malformed, failures = 0, 0, []
    for path in arguments.frames:
        counts = check_file(path, arguments.ocpp, sources)
        valid += counts[0]
        malformed += counts[1]
        failures += counts[2]
    for failure in failures[:FAILURES_SHOWN]:
        print(f"FAIL {failure}")
    print(f"{malformed} frames malformed on purpose, not checked")
    print(f"{valid} frames valid, {len(failures)} invalid")
    return 1 if failures or not valid else 0


if __name__ == "__main__":
    sys.exit(main())
