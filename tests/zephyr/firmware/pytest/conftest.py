# SPDX-License-Identifier: Apache-2.0

"""A charge point for each test."""

import pytest
from charge_point import ChargePoint
from twister_harness import DeviceAdapter


@pytest.fixture
def charge_point(unlaunched_dut: DeviceAdapter):
    charge_point = ChargePoint(unlaunched_dut.device_config)
    yield charge_point
    charge_point.close()
    assert charge_point.station.offences == []
