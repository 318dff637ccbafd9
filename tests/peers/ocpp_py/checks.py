"""Checks that say what they saw."""


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
