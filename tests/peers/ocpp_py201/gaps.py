"""What the charging station is known to do otherwise: the step, and what it does."""

GAPS = {
    "availability: the whole station back in service leaves an EVSE out of it that was so before": (
        "all EVSEs are put back in service (G03.FR.06, G04.FR.07)"
    ),
    "reports: everything: in parts, each once, with all that a charging station must have": (
        "variables that are no settings are missing"
    ),
    "reset: on idle, idle: it boots again, and says why": "PowerUp (B01.FR.09)",
}
