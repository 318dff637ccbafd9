"""What the charging station is known to do otherwise: the step, and what it does."""

GAPS = {
    "session: the end brings what was read from the start to the end, in this order": (
        "the register of the end comes first, and once more at the end"
    ),
    "availability: the whole station back in service leaves an EVSE out of it that was so before": (
        "all EVSEs are put back in service (G03.FR.06, G04.FR.07)"
    ),
    "cache and data transfer: any data of an unknown vendor: UnknownVendorId": (
        "Rejected, because it is no text"
    ),
    "trigger: TransactionEvent of a transaction": "it has no meterValue (F06)",
    "reset: on idle, idle: it boots again, and says why": "PowerUp (B01.FR.09)",
}
