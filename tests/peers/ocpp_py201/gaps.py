"""What the charging station is known to do otherwise: the step, and what it does."""

GAPS = {
    "reports: everything: in parts, each once, with all that a charging station must have": (
        "variables that are no settings are missing"
    ),
}
