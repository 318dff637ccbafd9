"""What the charging station is known to do otherwise: the step, and what it does."""

GAPS = {}
