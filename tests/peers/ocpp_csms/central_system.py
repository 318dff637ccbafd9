"""A central system on the PyPI package ocpp-csms, which keeps books of its own.

Lines on standard input say what to ask the charge point, or ask for the books; README.md of
tests/peers says how.
"""

import asyncio
import dataclasses
import json
import sys

from ocpp.charge_point import camel_to_snake_case, snake_to_camel_case
from ocpp.v16 import call
from ocpp_csms import (
    AuthorizationStatus,
    BootEvent,
    CentralSystem,
    CsmsError,
    DataTransferStatus,
    MeterValuesEvent,
    StatusEvent,
    TransactionStartedEvent,
    TransactionStoppedEvent,
)

BLOCKED = "STOLEN"
VENDOR = "com.example"
REGISTER = "Energy.Active.Import.Register"


class Books:
    def __init__(self):
        self.boots = 0
        self.statuses = {}
        self.transactions = {}
        self.readings = {}
        self.data_transfers = []

    def happened(self, event):
        """Enters an event of the package."""
        match event:
            case BootEvent():
                self.boots += 1
            case StatusEvent(connector=connector):
                self.statuses[connector.connector_id] = connector.status.value
            case TransactionStartedEvent(transaction=transaction) | TransactionStoppedEvent(
                transaction=transaction
            ):
                self.transactions[transaction.transaction_id] = transaction
            case MeterValuesEvent(transaction_id=int(transaction_id), readings=readings):
                for reading in readings:
                    if reading.measurand == REGISTER:
                        self.readings[transaction_id] = reading.numeric

    def told(self):
        return {
            "boots": self.boots,
            "statuses": self.statuses,
            "transactions": [
                {
                    "id": transaction.transaction_id,
                    "connector": transaction.connector_id,
                    "idTag": transaction.id_tag,
                    "meterStart": transaction.meter_start,
                    "meterStop": transaction.meter_stop,
                    "reason": transaction.stop_reason,
                    "reading": self.readings.get(transaction.transaction_id),
                }
                for transaction in self.transactions.values()
            ],
            "dataTransfers": self.data_transfers,
        }


async def authorize(_charge_point, id_tag):
    return AuthorizationStatus.BLOCKED if id_tag == BLOCKED else AuthorizationStatus.ACCEPTED


async def answer(system, books, line):
    if "action" not in line:
        return {"books": books.told()}
    [charge_point] = system.charge_points.values()
    request = getattr(call, line["action"])(**camel_to_snake_case(line["payload"]))
    try:
        answered = await charge_point.async_call(request)
    except CsmsError as error:
        return {"error": str(error)}
    members = dataclasses.asdict(answered)
    there = {name: value for name, value in members.items() if value is not None}
    return {"answer": snake_to_camel_case(there)}


async def main():
    books = Books()

    async def data_transferred(_charge_point, _message_id, data):
        books.data_transfers.append(data)
        return DataTransferStatus.ACCEPTED, None

    async with CentralSystem(host="127.0.0.1", port=0, authorize=authorize) as system:
        system.add_listener(books.happened)
        system.set_data_transfer_handler(VENDOR, data_transferred)
        print(json.dumps({"port": system.port}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            said = await answer(system, books, json.loads(line))
            print(json.dumps(said), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
