# SPDX-License-Identifier: Apache-2.0

"""Drivers, when power was lost, when the central system takes its time, and when it says what no
terminal is to obey."""

import time

import pytest

LATE = "late 3000"


@pytest.fixture
def flash(tmp_path):
    return tmp_path / "flash.bin"


def test_a_power_loss_in_a_session_does_not_end_the_next(charge_point, flash):
    """Both drivers are there again in the moment of the boot, before anything else."""
    charge_point.boot(flash=flash, id_tags="ZepId00 ZepId01")
    charge_point.wait_for("StartTransaction", 2)
    time.sleep(1)
    charge_point.lose_power()

    charge_point.boot(flash=flash, id_tags="ZepId00 ZepId01")
    charge_point.wait_for("StartTransaction", 4)
    # Those that were cut off, and no other.
    charge_point.wait_for("StopTransaction", 2)
    time.sleep(2)
    reasons = [call["reason"] for call in charge_point.calls("StopTransaction")]
    assert reasons == ["PowerLoss", "PowerLoss"]
    new = charge_point.station.transactions()[2:]
    assert [one.meter_stop for one in new] == [None, None]
    for transaction in new:
        charge_point.stop(transaction)


def test_a_central_system_that_takes_three_seconds_for_each_answer(charge_point, flash):
    charge_point.station.rules["*"] = LATE
    charge_point.boot(flash=flash, id_tags="ZepId00 ZepId01")
    charge_point.wait_for("StartTransaction", 2, 60)
    # No driver left, and none waited for a report in between.
    assert len(charge_point.calls("Authorize")) == 2
    order = charge_point.station.actions()
    first = order.index("Authorize")
    assert order[first : first + 2] == ["Authorize", "Authorize"]
    assert "StatusNotification" in order[first:]
    assert not any("ocpp auth -" in line for line in charge_point.image.lines)


def test_a_driver_without_an_answer_asks_again(charge_point, flash):
    charge_point.station.rules["Authorize"] = "silence"
    charge_point.boot(flash=flash, rt_ratio=20, id_tags="ZepId00")
    charge_point.wait_for("Authorize", 2, 60)
    charge_point.station.rules["Authorize"] = "answer"
    charge_point.wait_for("StartTransaction", 1, 60)


def test_an_id_tag_does_not_forge_lines(charge_point, flash):
    """RemoteStartTransaction brings it, and it reaches log and console."""
    charge_point.boot(flash=flash)
    charge_point.wait_until_reported()
    charge_point.tell("ChangeConfiguration {'key':'AuthorizeRemoteTxRequests','value':'true'}")
    id_tag = "\\u001b[2J\\n<err> forged"
    charge_point.tell(f"RemoteStartTransaction {{'connectorId':1,'idTag':'{id_tag}'}}")
    charge_point.wait_for("StartTransaction")
    assert charge_point.calls("StartTransaction")[0]["idTag"] == "\x1b[2J\n<err> forged"
    said = "\n".join(charge_point.image.lines)
    assert "\x1b[2J" not in said
    assert not any(line.startswith("<err> forged") for line in charge_point.image.lines)
