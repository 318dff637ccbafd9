"""Reading a MeterValue of the charge point."""

import re
from datetime import datetime

from checks import holds

REGISTER = "Energy.Active.Import.Register"


def register_wh(meter_value):
    """The energy register in Wh; measurand and unit default as the specification says."""
    registers = [
        sample
        for sample in meter_value["sampled_value"]
        if sample.get("measurand", REGISTER) == REGISTER and "phase" not in sample
    ]
    holds(registers, f"no {REGISTER} among the sampled values")
    value = float(registers[0]["value"])
    return value * 1000 if registers[0].get("unit") == "kWh" else value


def utc(timestamp):
    """A timestamp as a datetime; it must be UTC, with a Z."""
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
    holds(re.fullmatch(pattern, timestamp), f"{timestamp} is not in UTC")
    return datetime.fromisoformat(timestamp)


def contexts(meter_value):
    """The contexts of all values in it; "Sample.Periodic" is the default."""
    return {sample.get("context", "Sample.Periodic") for sample in meter_value["sampled_value"]}


def names(meter_value):
    """Measurands of all values in it, each with its phase if it has one."""
    return [
        " ".join(filter(None, (sample.get("measurand", REGISTER), sample.get("phase"))))
        for sample in meter_value["sampled_value"]
    ]
