# SPDX-License-Identifier: Apache-2.0

"""What several suites ask for."""

import pytest
from charge_point import ChargePoint
from twister_harness import DeviceAdapter


@pytest.fixture
def config(unlaunched_dut: DeviceAdapter):
    """Where twister has built the image, and works."""
    return unlaunched_dut.device_config


@pytest.fixture
def charge_point(config):
    charge_point = ChargePoint(config)
    yield charge_point
    charge_point.close()
    assert charge_point.station.offences == []
