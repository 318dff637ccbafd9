# SPDX-License-Identifier: Apache-2.0

"""Power losses of a charge point that keeps its records in flash, and its books afterwards."""

import os
import random
import time

import pytest
from partition import ENTRY, PARTITION, entries

ROUNDS = 20
# Transactions of -do=charge take less than a second, or a little more: then they have a sample.
LONGEST_ROUND_SECONDS = 1.3
CUT_OPERATIONS = int(os.environ.get("CUT_OPERATIONS", "600"))
NAMES = ["life", "configuration", "connector", "transaction", "billing"]


def test_records_are_old_or_new_wherever_power_is_lost(charger):
    image = charger.start("cuts", operations=CUT_OPERATIONS)
    image.end()
    assert image.lines[-1].endswith(" 0 wrong")


def test_books_balance_whenever_power_is_lost(charger):
    image = charger.start_connected("idle")
    charger.change("MeterValueSampleInterval", "1")
    charger.lose_power(image)
    told = started = 0
    rand = random.Random(5)
    for _ in range(ROUNDS):
        image = charger.start("charge")
        time.sleep(rand.uniform(0.1, LONGEST_ROUND_SECONDS))
        charger.lose_power(image)
        started += sum(line.startswith("started ") for line in image.lines)
    charger.settle()

    transactions = charger.station.transactions()
    print(f"{ROUNDS} power losses, {len(transactions)} transactions: {charger.station.books()}")
    # What the application was told of has been told, and may be one more for each loss.
    assert started <= len(transactions) <= started + ROUNDS * 2
    assert started >= ROUNDS
    assert len(charger.calls("StopTransaction")) >= len(transactions)
    ends = {1: 0, 2: 0}
    for transaction in transactions:
        # In order, and no energy is told twice.
        assert transaction.meter_start >= ends[transaction.connector]
        assert transaction.meter_stop >= transaction.meter_start
        ends[transaction.connector] = transaction.meter_stop
    for call in charger.calls("MeterValues"):
        if (number := call.get("transactionId")) is not None:
            told += 1
            stopped = charger.station.transaction(number).meter_stop
            value = call["meterValue"][0]["sampledValue"][0]["value"]
            assert int(value) <= stopped, f"transaction {number} lost energy"
    print(f"{started} starts were acknowledged, {told} MeterValues")


def test_configuration_survives(charger):
    image = charger.start_connected("idle")
    assert image.says("storage: 4 sectors")
    charger.change("ConnectionTimeOut", "1234")
    charger.lose_power(image)
    image = charger.start_connected("idle")
    answer = charger.commands.call("GetConfiguration {'key':['ConnectionTimeOut']}")
    assert '"value":"1234"' in answer
    charger.lose_power(image)


def test_transaction_without_central_system_is_told_after_a_power_loss(charger):
    # The driver is known from a transaction before.
    image = charger.start("sessions")
    assert image.says("flash: ")
    charger.lose_power(image)
    charger.settle()
    assert charger.station.books() == "1:1000-1050"

    charger.register = 5000
    charger.go_offline()
    image = charger.start("sessions")
    assert image.says("flash: ")
    charger.lose_power(image)

    charger.go_online()
    charger.settle()
    assert charger.station.books() == "1:1000-1050 1:5000-5050"
    assert len(charger.calls("StartTransaction")) == 2
    assert len(charger.calls("StopTransaction")) == 2


@pytest.mark.parametrize("content", ["noise", "zeros"])
def test_partition_of_something_else_is_formatted(charger, content):
    flash = bytearray(b"\xff" * 0x200000)
    length = PARTITION.stop - PARTITION.start
    flash[PARTITION] = random.Random(7).randbytes(length) if content == "noise" else bytes(length)
    charger.flash.write_bytes(flash)
    image = charger.start_connected("sessions")
    assert image.says("4 of 4 sectors were unreadable and are erased")
    assert image.says("flash: ")
    charger.lose_power(image)
    charger.settle()
    assert charger.station.books() == "1:1000-1050"


def test_writes_of_a_transaction(charger):
    """Prints what docs/zephyr.md says of the wear."""
    image = charger.start_connected("idle")
    charger.change("MeterValueSampleInterval", "1")
    charger.lose_power(image)
    before = len(list(entries(charger.flash)))
    image = charger.start("sessions", seconds=2)
    assert image.says("flash: ")
    time.sleep(0.3)
    charger.lose_power(image)
    written = list(entries(charger.flash))[before:]
    for record, _, length in written:
        name = NAMES[record >> 8] if record < 0x1000 else "cache" if record < 0x2000 else "journal"
        print(f"{name} {record & 0xFF}: {length} + {ENTRY} bytes")
    samples = len(charger.calls("MeterValues"))
    print(f"{samples} samples, {sum(length + ENTRY for _, _, length in written)} bytes")
    # Boot and time; transaction, start, billing twice, cache, stop and their ends; three for each
    # sample.
    assert len(written) <= 13 + 3 * samples


def test_wear_of_many_transactions(charger):
    """Prints it, too."""
    image = charger.start("sessions", times=100)
    counts = image.says("flash: ")
    charger.lose_power(image)
    assert counts, "it did not charge so often"
    erasures = int(counts.split()[-2])
    assert erasures <= 30
