# SPDX-License-Identifier: Apache-2.0

"""Resets that the central system asks for: the firmware boots again, in the same process."""

import pytest


@pytest.mark.parametrize("kind", ["Hard", "Soft"])
def test_a_reset_boots_again(charge_point, tmp_path, kind):
    charge_point.boot(flash=tmp_path / "flash.bin")
    charge_point.wait_until_reported()
    transaction = charge_point.charge(1, "TAG")

    charge_point.tell(f"Reset {{'type':'{kind}'}}")
    charge_point.wait_for("BootNotification", 2)
    assert charge_point.image.says("OCPP sample", times=2), "it did not boot again"
    charge_point.wait_for("StopTransaction")
    assert [stop["reason"] for stop in charge_point.calls("StopTransaction")] == [f"{kind}Reset"]
    assert transaction.meter_stop is not None


def test_a_reset_without_lasting_flash_has_other_message_ids(charge_point):
    """Nothing is stored that would tell the two runs from each other."""
    charge_point.boot("flash_in_ram")
    charge_point.wait_until_reported()
    before = set(charge_point.station.message_ids())
    charge_point.tell("Reset {'type':'Hard'}")
    charge_point.wait_for("BootNotification", 2)
    charge_point.wait_for("StatusNotification", 2 * charge_point.calls_of_a_boot())
    assert len(set(charge_point.station.message_ids()) - before) > charge_point.calls_of_a_boot()
