# SPDX-License-Identifier: Apache-2.0

"""Diagnostics, delivered with HTTP PUT."""

import pytest


@pytest.mark.parametrize("place, stored", [("store/", "store"), ("lead", "store")])
def test_diagnostics_are_delivered_whole(charge_point, place, stored):
    charge_point.boot()
    answer = charge_point.ask("GetDiagnostics", location=f"{charge_point.files.url}/{place}")
    name = answer.split('"')[3]
    assert name.startswith("diagnostics-") and name.endswith(".txt")
    assert charge_point.says("Uploading", "Uploaded", action="DiagnosticsStatusNotification")
    (path, content), = charge_point.files.delivered.items()
    assert path == f"/{stored}/{name}"
    lines = content.decode().splitlines()
    assert any(line.endswith("boot notification: Accepted") for line in lines), lines


def test_diagnostics_that_are_refused_are_told_of(charge_point):
    charge_point.boot()
    location = f"{charge_point.files.url}/forbidden"
    charge_point.ask("GetDiagnostics", location=location, retries=1, retryInterval=1)
    assert charge_point.says("Uploading", "UploadFailed", action="DiagnosticsStatusNotification")
    assert len(charge_point.files.asked) == 2
