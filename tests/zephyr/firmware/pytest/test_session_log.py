# SPDX-License-Identifier: Apache-2.0

"""The session log on its port, a pseudo terminal, against what the central system was told."""

import re
import time

import pytest
from charge_point import time_of
from session_log import (
    BANNER,
    LOST,
    METER,
    Terminal,
    authorized,
    meter,
    started,
    stopped,
    summary,
    text,
)

# What the simulated car takes, in W: in a second 3 Wh, or 4.
POWER = 3 * 230 * 16
CLOSING = r"USB High-Speed \(480 Mbps\) enables efficient data logging\r\n"


@pytest.fixture
def begin(charge_point):
    """Boots the charge point, its time so many times as fast as that of everybody else, and tells
    where its port is."""

    def begin(speed):
        # The central system's time goes another way: it is to be asked for only once.
        charge_point.station.rules["BootNotification"] = 'answer {"interval":86400}'
        charge_point.boot("flash_in_ram", rt_ratio=speed)
        line = charge_point.image.says("session-log connected to pseudotty")
        charge_point.wait_until_reported()
        return charge_point, line.rsplit(" ", 1)[1]

    return begin


def meter_values(lines, connector):
    found = [METER.fullmatch(line) for line in lines]
    return [int(m[2]) for m in found if m and int(m[1]) == connector]


def seconds_charged(charge_point, transaction):
    start = next(
        call
        for call in charge_point.calls("StartTransaction")
        if call["connectorId"] == transaction.connector
    )
    stop = next(
        call
        for call in charge_point.calls("StopTransaction")
        if call["transactionId"] == transaction.number
    )
    return time_of(start), time_of(stop)


def check_meter_values(charge_point, transaction, values):
    """One reading a second, and each is between what the central system was told."""
    begin, end = seconds_charged(charge_point, transaction)
    # A second more or less at either end.
    assert abs(len(values) - (end - begin)) <= 2
    # A look that comes late makes one second longer and the next one shorter.
    assert all(after - before in range(1, 7) for before, after in zip(values, values[1:]))
    assert transaction.meter_start <= values[0] <= transaction.meter_start + 7
    assert values[-1] <= transaction.meter_stop <= values[-1] + 7
    energy = transaction.meter_stop - transaction.meter_start
    assert abs(energy - POWER * (end - begin) / 3600) < 2 + POWER / 3600
    samples = 0
    for call in charge_point.calls("MeterValues"):
        if call.get("transactionId") == transaction.number:
            samples += 1
            value = int(call["meterValue"][0]["sampledValue"][0]["value"])
            before = int(time_of(call) - begin)
            assert any(abs(value - seen) <= 7 for seen in values[max(before - 1, 0) : before + 2])
    return samples


def test_log_is_that_of_the_sessions(begin, unlaunched_dut):
    charge_point, port = begin(speed=10)
    terminal = Terminal(port)
    assert terminal.read_until("real-time\r\n\r\n") == text(BANNER)
    charge_point.change("MeterValueSampleInterval", "5")

    first = charge_point.charge(1, "ZepId00")
    terminal.read_until(r"\(reading #5\)\r\n")
    second = charge_point.charge(2, "ZepId01")
    terminal.read_until(r"\(reading #60\)\r\n")
    charge_point.stop(first)
    terminal.read_until(r"Connector 1: Session ended\r\n(\[METER\] Conn2.*\r\n){10}")
    charge_point.stop(second)
    terminal.read_until(CLOSING)

    lines = terminal.lines()[len(BANNER) :]
    one, two = meter_values(lines, 1), meter_values(lines, 2)
    samples = check_meter_values(charge_point, first, one)
    samples += check_meter_values(charge_point, second, two)
    assert samples >= 10

    # The whole of it, from the registers alone.
    reading = 0
    expected = started(1, "ZepId00") + authorized(1)
    order = [METER.fullmatch(line) for line in lines]
    registers = {1: iter(one), 2: iter(two)}
    for line, found in zip(lines, order):
        if found:
            reading += 1
            connector = int(found[1])
            expected += meter(connector, next(registers[connector]), reading)
        elif line.startswith("[START] Connector 2"):
            assert reading >= 5
            expected += started(2, "ZepId01")
        elif line.startswith("[AUTH] Connector 2"):
            # A reading may come before the central system's answer.
            expected += authorized(2)
        elif line.startswith("[STOP] Connector 1"):
            assert reading >= 60
            expected += stopped(1)
    expected += stopped(2)
    assert expected.index(*started(2, "ZepId01")) < expected.index(*authorized(2))
    size = len(text(expected))
    begun, _ = seconds_charged(charge_point, first)
    _, ended = seconds_charged(charge_point, second)
    throughput = int(re.search(r"~(\d+) bytes/sec", terminal.read)[1])
    # The session is longer than the transaction, by what the idTag and the stop take, a second
    # more or less.
    assert int(size / (ended - begun + 2.5)) <= throughput <= size / (ended - begun - 1)
    expected += summary(len(one) + len(two), size, throughput)
    assert terminal.read == text(BANNER + expected)
    (unlaunched_dut.device_config.build_dir / "session-log.txt").write_text(terminal.read)


def test_refused_id_tag(begin):
    charge_point, port = begin(speed=1)
    terminal = Terminal(port)
    terminal.read_until("real-time\r\n\r\n")
    charge_point.station.rules["Authorize"] = "answer {'idTagInfo':{'status':'Blocked'}}".replace(
        "'", '"'
    )
    charge_point.present(2, "NOBODY")
    terminal.read_until(CLOSING)
    expected = [
        "[START] Connector 2: ID=NOBODY",
        "[AUTH] Connector 2: Refused (status=2)",
        "[STOP] Connector 2: Session ended",
    ]
    size = len(text(expected))
    throughput = int(re.search(r"~(\d+) bytes/sec", terminal.read)[1])
    assert terminal.read == text(BANNER + expected + summary(0, size, throughput))


def test_the_port_is_not_open(begin):
    # Slow enough to close the port between two seconds.
    charge_point, port = begin(speed=2)
    charge_point.change("MeterValueSampleInterval", "1")
    transactions = [charge_point.charge(1, "ZepId00"), charge_point.charge(2, "ZepId01")]
    charge_point.wait_for("MeterValues", 20)

    terminal = Terminal(port)
    terminal.read_until(r"Conn2.*\r\n")
    terminal.close()
    lines = terminal.lines()
    assert lines[: len(BANNER)] == BANNER
    lost = LOST.fullmatch(lines[len(BANNER)])
    seen = METER.fullmatch(lines[len(BANNER) + 1])
    # Two lines of each session, and all readings before the first that was seen.
    assert int(lost[1]) == 4 + int(seen[3]) - 1
    assert int(seen[3]) >= 18
    last = int(METER.fullmatch(lines[-1])[3])

    charge_point.wait_for("MeterValues", 40)
    terminal = Terminal(port)
    terminal.read_until(r"Conn2.*\r\n")
    lines = terminal.lines()
    assert lines[: len(BANNER)] == BANNER
    again = LOST.fullmatch(lines[len(BANNER)])
    seen = METER.fullmatch(lines[len(BANNER) + 1])
    assert int(again[1]) == int(seen[3]) - last - 1
    assert int(again[1]) >= 10

    for transaction in transactions:
        charge_point.stop(transaction)
    terminal.read_until(CLOSING)
    assert f"Lines not sent: {int(lost[1]) + int(again[1])}\r\n" in terminal.read
    readings = int(re.search(r"Total meter readings: (\d+)", terminal.read)[1])
    for transaction in transactions:
        start, end = seconds_charged(charge_point, transaction)
        readings -= end - start
    # None on the way to the first second, and one more or less at the end.
    assert abs(readings) <= 4


def test_the_port_is_not_read(begin):
    """The port is open, and full after some minutes: nothing waits for it."""
    speed = 20
    charge_point, port = begin(speed)
    seconds = charge_point.limits["CONFIG_CHARGE_POINT_SESSION_SECONDS"]
    charge_point.change("MeterValueSampleInterval", "10")
    terminal = Terminal(port)
    terminal.read_until("real-time\r\n\r\n")
    begun = time.monotonic()
    transactions = [charge_point.charge(1, "ZepId00"), charge_point.charge(2, "ZepId01")]
    # 4 KiB in the line discipline, 16 KiB on the way there, 2 KiB here, at 70 bytes a second.
    charge_point.wait_for("MeterValues", 2 * 45, 2 * 450 / speed)
    terminal.read_until(r"\[LOST\].*\r\n\[METER\].*\r\n")
    terminal.read_until(CLOSING, 2 * seconds / speed)
    took = time.monotonic() - begun

    # Everybody charged as long, and got as much, as with a reader; nor was time lost.
    for transaction in transactions:
        start, end = seconds_charged(charge_point, transaction)
        # A second more or less.
        assert abs(end - start - seconds) <= 1
        energy = transaction.meter_stop - transaction.meter_start
        assert abs(energy - POWER * seconds / 3600) < 2
    assert took < 1.5 * seconds / speed

    # Every line is a whole one, and those that are missing are told where they are missing.
    lines = terminal.lines()[len(BANNER) :]
    reading = lost = 0
    for line in lines:
        if found := METER.fullmatch(line):
            assert int(found[3]) == reading + 1
            reading += 1
        elif found := LOST.fullmatch(line):
            lost += int(found[1])
            reading += int(found[1])
    assert lost > 50
    assert abs(reading - 2 * seconds) <= 4
    body, _, end = terminal.read.removeprefix(text(BANNER)).partition("\r\n=== Session Summary")
    size = len(body)
    throughput = int(re.search(r"~(\d+) bytes/sec", end)[1])
    assert abs(throughput - size / seconds) <= 1
    tail = text(summary(reading, size, throughput, lost))
    assert terminal.read == text(BANNER) + body + tail
