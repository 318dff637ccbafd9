# SPDX-License-Identifier: Apache-2.0

"""What a CSMS keeps of the transactions of one charge point with OCPP 2.0.1."""


class Transaction:
    def __init__(self, event):
        self.connector = event["evse"]["id"]
        self.meter_start = register(event)
        self.meter_stop = None
        self.kinds = []

    def __str__(self):
        stop = "" if self.meter_stop is None else self.meter_stop
        return f"{self.connector}:{self.meter_start}-{stop}"


class TransactionEvents:
    def __init__(self, offend):
        self._offend = offend
        self._transactions = {}

    def take(self, event):
        """An event, which may come again because its answer did not arrive."""
        name = event["transactionInfo"]["transactionId"]
        kind, number = event["eventType"], event["seqNo"]
        if kind == "Started":
            self._transactions.setdefault(name, Transaction(event))
        transaction = self._transactions.get(name)
        if transaction is None:
            self._offend(f"{kind} of {name}, which has not started")
        elif number == len(transaction.kinds) - 1 and kind == transaction.kinds[-1]:
            pass  # Once more.
        elif number != len(transaction.kinds) or "Ended" in transaction.kinds:
            self._offend(f"event {number} of {name} behind {transaction.kinds}")
        else:
            transaction.kinds.append(kind)
            if kind == "Ended":
                transaction.meter_stop = register(event)

    def last(self):
        """The name of the transaction that began last."""
        return list(self._transactions)[-1]

    def kinds(self):
        """Of the events of the transaction that began last."""
        return self._transactions[self.last()].kinds if self._transactions else []

    def books(self):
        """Every transaction as connector:start-end in Wh, those of one connector in the order in
        which they began."""
        by_connector = sorted(self._transactions.values(), key=lambda one: one.connector)
        return " ".join(map(str, by_connector))


def register(event):
    """The last reading of the register that bills."""
    values = event["meterValue"][-1]["sampledValue"]
    return next(v["value"] for v in values if v["measurand"] == "Energy.Active.Import.Register")
