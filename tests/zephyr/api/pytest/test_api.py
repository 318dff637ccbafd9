# SPDX-License-Identifier: Apache-2.0

"""Runs the image beside a central system of its own and gives the verdict on each ztest."""

import os
import re
import subprocess
import threading
from pathlib import Path

import pytest
from central_system import CentralSystem
from transcript import Transcript
from twister_harness import DeviceAdapter

SOURCES = Path(__file__).parent.parent / "src"
DECLARED = re.compile(r"^ZTEST(?:_F)?\((\w+), (?:test_)?(\w+)\)", re.MULTILINE)
ENDED = re.compile(r"(PASS|FAIL|SKIP) - test_(\w+) in ")
LIMITS = re.compile(r"^(CONFIG_\w+)=(\d+)$", re.MULTILINE)


class Run:
    """What the image said of each test, and what the central system did."""

    def __init__(self, lines, central_system):
        self.lines = lines
        self.central_system = central_system
        self.results = {m[2]: m[1] for line in lines if (m := ENDED.search(line))}

    def said(self, name):
        """The lines of one test, which say why it failed."""
        begun = [at for at, line in enumerate(self.lines) if f"START - test_{name}" in line]
        said = self.lines[begun[-1] :] if begun else self.lines[-20:]
        ended = [at for at, line in enumerate(said) if f" - test_{name} in " in line]
        return "\n".join(said[: ended[0] + 1] if ended else said[:100])


@pytest.fixture(scope="session")
def run(unlaunched_dut: DeviceAdapter):
    config = unlaunched_dut.device_config
    dot_config = (config.app_build_dir / "zephyr" / ".config").read_text()
    limits = {name: int(value) for name, value in LIMITS.findall(dot_config)}
    frames = os.environ.get("FRAMES_OUT", config.build_dir / "frames.jsonl")
    frames_201 = os.environ.get("FRAMES_201_OUT", config.build_dir / "frames-201.jsonl")
    transcripts = {"ocpp1.6": Transcript(frames), "ocpp2.0.1": Transcript(frames_201)}
    port = limits["CONFIG_CENTRAL_SYSTEM_PORT"]
    central_system = CentralSystem(port, transcripts, limits)
    unlaunched_dut.launch()
    lines = unlaunched_dut.readlines_until("PROJECT EXECUTION (SUCCESSFUL|FAILED)|Halting system")
    return Run(lines, central_system)


def run_to_its_end(command):
    """An image goes on when its tests are over, as a board does."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        for line in process.stdout:
            print(line, end="")
            if "PROJECT EXECUTION" in line:
                break
        watchdog.cancel()
        process.kill()


def names():
    for source in sorted(SOURCES.glob("*.c")):
        for suite, name in DECLARED.findall(source.read_text()):
            yield pytest.param(name, id=f"{suite}.{name}")


@pytest.mark.parametrize("name", names())
def test_case(run, name):
    if run.results.get(name) == "SKIP":
        pytest.skip("the image says why")
    assert run.results.get(name) == "PASS", run.said(name)
    assert run.central_system.station(name).offences == []


def test_a_second_process_has_other_message_ids(run, unlaunched_dut: DeviceAdapter):
    """With records in RAM, whose random numbers are those of every process of native_sim."""
    program = unlaunched_dut.device_config.app_build_dir / "zephyr" / "zephyr.exe"
    if not program.is_file():
        pytest.skip("QEMU has no other process")
    name = "a_server_is_reached_over_ipv6"
    station = run.central_system.station(name)
    before = set(station.message_ids())
    # BootNotification, StatusNotification and Authorize at least, where there is IPv6.
    if not before:
        pytest.skip("this host has no ::1")
    run_to_its_end([program, f"-test=connection::test_{name}"])
    assert len(set(station.message_ids()) - before) >= 3


def test_project(run):
    """Nothing beside the tests went wrong."""
    assert "PROJECT EXECUTION SUCCESSFUL" in run.lines[-1]
