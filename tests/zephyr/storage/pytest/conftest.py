# SPDX-License-Identifier: Apache-2.0

import pytest
from charger import Charger
from twister_harness import DeviceAdapter


@pytest.fixture
def charger(unlaunched_dut: DeviceAdapter, tmp_path):
    charger = Charger(unlaunched_dut.device_config, tmp_path)
    yield charger
    charger.close()
    assert charger.station.offences == []
