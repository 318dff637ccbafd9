# SPDX-License-Identifier: Apache-2.0

import pytest
from charge_point import ChargePoint
from twister_harness import DeviceAdapter


@pytest.fixture
def charge_point(unlaunched_dut: DeviceAdapter, tmp_path):
    charge_point = ChargePoint(unlaunched_dut.device_config, tmp_path)
    yield charge_point
    charge_point.close()
    assert charge_point.station.offences == []
