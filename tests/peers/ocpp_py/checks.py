"""Checks that say what they saw."""


class NotThere(Exception):
    """What a step is about is not there yet; the charge point says so."""


def equal(actual, wanted, what="value"):
    if actual != wanted:
        raise AssertionError(f"{what} is {actual!r}, not {wanted!r}")


def holds(condition, otherwise):
    if not condition:
        raise AssertionError(otherwise)


def none(faults):
    faults = list(faults)
    if faults:
        shown = " | ".join(str(fault) for fault in faults[:3])
        raise AssertionError(f"{len(faults)}: {shown}")
