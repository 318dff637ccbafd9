# SPDX-License-Identifier: Apache-2.0

"""Updates of the firmware over HTTP, on flash that a boot loader and an image share."""

import boot_loader
import pytest

FETCHED = ["Downloading", "Downloaded", "Installing"]
NOT_FETCHED = ["Downloading", "DownloadFailed"]


@pytest.mark.parametrize("swaps", [True, False], ids=["swapped", "overwritten"])
def test_firmware_is_updated_over_a_reboot(charge_point, swaps):
    charge_point.swaps = swaps
    charge_point.boot()
    assert charge_point.version() == "1.0.0+0"
    charge_point.files.content = boot_loader.image(version=2)
    charge_point.update("good")
    assert charge_point.reboot()
    assert charge_point.version() == "2.0.0+0"
    assert charge_point.says(*FETCHED, "Installed")
    # It is there to stay, and told once.
    charge_point.lose_power()
    assert not charge_point.boot()
    assert charge_point.version() == "2.0.0+0"
    assert charge_point.says(*FETCHED, "Installed")
