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


def test_an_image_whose_version_is_the_same_is_known_by_its_hash(charge_point):
    # Where the boot loader overwrites, no image is on trial.
    charge_point.swaps = False
    charge_point.boot()
    charge_point.files.content = boot_loader.image(version=1, length=60_000)
    charge_point.update("good")
    assert charge_point.reboot()
    assert charge_point.version() == "1.0.0+0"
    assert charge_point.says(*FETCHED, "Installed")


@pytest.mark.parametrize("place", ["redirect/5", "chunked", "endless", "slow"])
def test_firmware_is_fetched_however_a_server_gives_it(charge_point, place):
    charge_point.boot()
    charge_point.files.content = boot_loader.image(version=2, length=60_000)
    charge_point.update(place)
    assert charge_point.reboot()
    assert charge_point.says(*FETCHED, "Installed")


@pytest.mark.parametrize(
    "place", ["dies", "silent", "truncated", "empty", "missing", "broken", "redirect/6"]
)
def test_what_does_not_arrive_whole_is_not_installed(charge_point, place):
    charge_point.boot()
    charge_point.files.content = boot_loader.image(version=2)
    charge_point.update(place)
    assert charge_point.says(*NOT_FETCHED)
    charge_point.lose_power()
    assert not charge_point.boot()
    assert charge_point.version() == "1.0.0+0"


def test_an_image_that_is_too_large_is_not_installed(charge_point):
    charge_point.boot()
    slot = boot_loader.SLOT_1.stop - boot_loader.SLOT_1.start
    charge_point.files.content = boot_loader.image(version=2, length=slot - 100)
    charge_point.update("endless")
    assert charge_point.says(*NOT_FETCHED)
    assert charge_point.image.says("not downloaded: TooLarge")


def test_what_is_no_image_is_not_installed(charge_point):
    charge_point.boot()
    charge_point.files.content = b"<html>" * 1000
    charge_point.update("good")
    assert charge_point.says(*FETCHED, "InstallationFailed")


def test_a_boot_loader_that_does_not_take_an_image_is_told_of(charge_point):
    charge_point.boot()
    image = bytearray(boot_loader.image(version=2))
    # What only MCUboot finds out.
    image[1000] ^= 1
    charge_point.files.content = bytes(image)
    charge_point.update("good")
    assert not charge_point.reboot()
    assert charge_point.version() == "1.0.0+0"
    assert charge_point.says(*FETCHED, "InstallationFailed")


def test_an_image_that_runs_already_is_installed_without_a_reset(charge_point):
    charge_point.boot()
    charge_point.files.content = boot_loader.image(version=1)
    charge_point.update("good")
    assert charge_point.says(*FETCHED, "Installed")


def test_a_download_is_tried_again_as_often_as_is_allowed(charge_point):
    charge_point.boot()
    charge_point.update("missing", retries=2, retryInterval=1)
    assert charge_point.says(*NOT_FETCHED)
    assert charge_point.files.asked == ["/missing"] * 3


def test_a_download_goes_on_after_a_power_loss(charge_point):
    charge_point.boot()
    charge_point.files.content = boot_loader.image(version=2, length=60_000)
    charge_point.update("slow")
    assert charge_point.station.wait_until(lambda: charge_point.files.asked, 5)
    charge_point.lose_power()
    charge_point.boot()
    assert charge_point.reboot()
    assert charge_point.version() == "2.0.0+0"
    assert charge_point.station.wait_until(lambda: charge_point.statuses()[-1] == "Installed", 5)


def test_a_second_request_takes_the_place_of_the_first(charge_point):
    charge_point.boot()
    charge_point.files.content = boot_loader.image(version=2)
    charge_point.update("slow")
    assert charge_point.image.says("download, attempt 1")
    charge_point.update("good")
    assert charge_point.reboot()
    assert charge_point.version() == "2.0.0+0"
    assert charge_point.says("Downloading", *FETCHED, "Installed")
    assert charge_point.files.asked == ["/slow", "/good"]


def test_the_application_installs_later(charge_point):
    charge_point.boot("later")
    charge_point.files.content = boot_loader.image(version=2)
    charge_point.update("good")
    assert charge_point.image.says("put off")
    assert charge_point.image.says("install: 0")
    assert charge_point.reboot()
    assert charge_point.says(*FETCHED, "Installed")


def test_the_password_of_a_location_is_for_its_server(charge_point):
    charge_point.boot()
    charge_point.files.content = b"x"
    host = charge_point.files.url.removeprefix("http://")
    charge_point.update(f"http://me:s%40cret@{host}/good")
    assert charge_point.says(*FETCHED, "InstallationFailed")
    assert charge_point.files.authorizations == ["Basic bWU6c0BjcmV0"]
    assert not any("cret" in line for line in charge_point.image.lines)


def test_only_what_the_build_has_is_offered(charge_point):
    charge_point.boot()
    assert '"value":"HTTP"' in charge_point.ask(
        "GetConfiguration", key=["SupportedFileTransferProtocols"]
    )
    assert "FirmwareManagement" in charge_point.ask(
        "GetConfiguration", key=["SupportedFeatureProfiles"]
    )
    charge_point.update("ftp://127.0.0.1/image")
    assert charge_point.says("DownloadFailed")
