# SPDX-License-Identifier: Apache-2.0

"""Every command of the shell, against a central system."""

import json
import os
import re
import time
from datetime import datetime, timedelta, timezone

import pytest
from shell import Shell

WRONG_COUNT = "wrong parameter count"
LONGEST_ID_TAG = "A" * 20
CONNECTION = re.compile(r"^connection +(.*)$", re.MULTILINE)
KEY = re.compile(r"^(\w+) = (.*?)( \(read-only\))?$")


@pytest.fixture
def shell(config, tmp_path):
    shell = Shell(config, tmp_path)
    yield shell
    shell.close()
    assert shell.station.offences == []


@pytest.fixture
def online(shell):
    shell.start_online()
    return shell


def connection(shell):
    return CONNECTION.search(shell.run("ocpp status"))[1]


def reported(shell, connector):
    """The last StatusNotification of a connector."""
    calls = shell.calls("StatusNotification")
    return [call for call in calls if call["connectorId"] == connector][-1]


def test_status_without_central_system(shell):
    shell.go_offline()
    shell.start()
    said = shell.run_until("ocpp status", "error")
    assert re.search(rf"^central system +{shell.url}$", said, re.M)
    wait = re.search(r"^connection +down, next attempt in (\d+) s; the last one: error -\d+: no TCP connection to the server$", said, re.M)
    assert wait and 1 <= int(wait[1]) <= 150
    assert re.search(r"^UTC +not known$", said, re.M)
    assert re.search(r"^queue +0 messages$", said, re.M)


def test_status_of_a_refused_handshake(shell):
    shell.commands.handshake("404")
    shell.start()
    said = shell.run_until("ocpp status", "HTTP")
    assert ", HTTP 404: the server refuses a websocket" in said
    assert shell.image.says("HTTP 404: the server refuses a websocket")
    for how, words in [
        ("beginning", "the answer has no valid Sec-WebSocket-Accept"),
        ("no-subprotocol", "the server does not choose the subprotocol ocpp1.6"),
        ("extension", "the answer has an extension that was not asked for"),
        ("Upgrade", "the answer does not upgrade to a websocket"),
    ]:
        shell.commands.handshake(how)
        shell.run("ocpp reconnect")
        assert shell.image.says(f"HTTP 101: {words}"), how


def test_status_of_a_connection(online):
    said = online.run("ocpp status")
    assert re.search(r"^connection +online, for \d s$", said, re.M)
    told = re.search(r"^UTC +(\S+)$", said, re.M)[1]
    assert abs(datetime.fromisoformat(told) - datetime.now(timezone.utc)) < timedelta(seconds=3)
    # What it calls a boot is how its messages begin.
    boot = re.search(r"^boot +([0-9a-f]{8}),", said, re.M)[1]
    assert {message_id.split("-")[0] for message_id in online.station.message_ids()} == {boot}


def test_status_before_it_is_accepted(shell):
    pending = json.dumps({"status": "Pending", "currentTime": "2026-03-01T08:00:00Z", "interval": 60})
    shell.commands.on(f"BootNotification answer {pending}")
    shell.start()
    assert "up, Pending, for" in shell.run_until("ocpp status", "Pending")


def test_boots_are_counted(shell):
    boots = []
    for _ in range(2):
        shell.start()
        said = shell.run("ocpp status")
        boots.append(int(re.search(r"^boot +([0-9a-f]{8}),", said, re.M)[1], 16))
        shell.stop()
    assert boots[1] == boots[0] + 1


def test_connectors(online):
    assert online.run("ocpp connectors").splitlines() == [
        "0   Available",
        "1   Available      0 Wh",
        "2   Available      0 Wh",
    ]
    assert online.run("ocpp connectors 2") == "2   Available      0 Wh"
    for unknown in ["3", "256", "-1", "one", ""]:
        said = online.run(f'ocpp connectors "{unknown}"')
        assert said == f"there is no connector {unknown}"


def test_a_tag_begins_and_ends_a_session(online):
    said = online.run(f"ocpp tag 1 {LONGEST_ID_TAG}")
    assert said == f"connector 1: {LONGEST_ID_TAG} wants to charge"
    said = online.run_until("ocpp connectors 1", "transaction 1")
    assert re.fullmatch(rf"1   Charging +\d+ Wh +transaction 1, {LONGEST_ID_TAG}", said)
    assert online.calls("Authorize") == [{"idTag": LONGEST_ID_TAG}]

    said = online.run("ocpp tag 1 OTHER")
    assert said == f"the connector is in use by {LONGEST_ID_TAG}"
    assert len(online.calls("Authorize")) == 1
    # Another connector is free, and idTags are the same in any case.
    online.run("ocpp tag 2 OTHER")
    assert online.commands.wait("StartTransaction 2") == 2
    said = online.run(f"ocpp tag 1 {LONGEST_ID_TAG.lower()}")
    assert said == f"connector 1: the session of {LONGEST_ID_TAG.lower()} ends"
    assert online.commands.wait("StopTransaction 1") == 1
    assert online.calls("StopTransaction")[0].get("reason", "Local") == "Local"
    assert online.run_until("ocpp connectors 1", "Available").endswith("Wh")
    assert "transaction 2, OTHER" in online.run("ocpp connectors 2")

    # The driver who ends it here may come again.
    online.run(f"ocpp tag 1 {LONGEST_ID_TAG}")
    assert online.commands.wait("StartTransaction 3") == 3


def test_the_register_is_that_of_now(online):
    """As the display shows it; the next sample is a minute away."""
    online.run("ocpp tag 1 A1")
    online.run_until("ocpp connectors 1", "transaction 1")
    registers = []
    for _ in range(2):
        time.sleep(2)
        said = online.run("ocpp connectors 1")
        registers.append(int(re.fullmatch(r"1   Charging +(\d+) Wh +transaction 1, A1", said)[1]))
    # 11 kW are 3 Wh a second.
    assert 3 <= registers[0] < registers[1]
    assert 3 <= registers[1] - registers[0] <= 30


def test_an_id_tag_of_others_is_shown_without_what_a_terminal_obeys(online):
    call = "RemoteStartTransaction {'connectorId':1,'idTag':'A\\u001b[2JB'}"
    online.tell(call)
    online.run_until("ocpp connectors 1", "transaction 1")
    assert "transaction 1, A?[2JB" in online.run("ocpp connectors 1")
    assert online.run("ocpp tag 1 OTHER") == "the connector is in use by A?[2JB"


def test_a_tag_that_is_refused(online):
    online.commands.on("Authorize answer {'idTagInfo':{'status':'Blocked'}}")
    online.run("ocpp tag 1 THIEF")
    assert online.image.says("ocpp auth 0> idcon 1 status 2")
    assert online.run("ocpp connectors 1") == "1   Available      0 Wh"
    assert online.calls("StartTransaction") == []


@pytest.mark.parametrize("id_tag", ["", LONGEST_ID_TAG + "A"])
def test_a_tag_of_no_such_length(online, id_tag):
    assert online.run(f'ocpp tag 1 "{id_tag}"') == "an idTag has 1 to 20 bytes"
    assert online.run("ocpp connectors 1") == "1   Available      0 Wh"


@pytest.mark.parametrize("command", ["tag 3 A", "tag 0 A", "plug 0", "plug x", "unplug 3",
                                     "fault 3 OtherError", "clear 300"])
def test_an_unknown_connector(online, command):
    assert online.run(f"ocpp {command}") == f"there is no connector {command.split()[1]}"


def test_a_cable_that_is_pulled_ends_the_session(online):
    assert online.run("ocpp plug 1") == "connector 1: plugged"
    assert online.run("ocpp connectors 1") == "1   Preparing      0 Wh"
    online.run("ocpp tag 1 A1")
    online.run_until("ocpp connectors 1", "transaction 1")
    assert reported(online, 1)["status"] == "Charging"

    assert online.run("ocpp unplug 1") == "connector 1: unplugged"
    assert online.commands.wait("StopTransaction 1") == 1
    assert online.calls("StopTransaction")[0]["reason"] == "EVDisconnected"
    online.run_until("ocpp connectors 1", "Available")
    # The next driver finds everything as before.
    online.run("ocpp tag 1 A2")
    assert "A2" in online.run_until("ocpp connectors 1", "transaction 2")


def test_a_fault_holds_the_energy_back(online):
    online.run("ocpp tag 1 A1")
    online.run_until("ocpp connectors 1", "transaction 1")
    said = online.run('ocpp fault 1 GroundFailure "water inside"')
    assert said == "connector 1: GroundFailure"
    said = online.run("ocpp connectors 1")
    assert re.fullmatch(r"1   Faulted +\d+ Wh +transaction 1, A1, GroundFailure: water inside", said)
    assert online.station.wait_until(lambda: reported(online, 1)["status"] == "Faulted", 5)
    assert reported(online, 1)["errorCode"] == "GroundFailure"
    assert reported(online, 1)["info"] == "water inside"
    assert online.run("ocpp clear 1") == "connector 1: no fault"
    assert online.station.wait_until(lambda: reported(online, 1)["status"] == "Charging", 5)

    assert online.run("ocpp fault 0 PowerMeterFailure") == "connector 0: PowerMeterFailure"
    lines = online.run("ocpp connectors").splitlines()
    assert re.fullmatch(r"0   Faulted +PowerMeterFailure", lines[0])
    assert lines[1].startswith("1   SuspendedEVSE")
    online.run("ocpp clear 0")
    assert online.run("ocpp connectors 0") == "0   Available"
    assert online.calls("StopTransaction") == []


def test_a_fault_that_ocpp_does_not_know(online):
    assert online.run("ocpp fault 1 Broken") == "OCPP 1.6 has no such error code"
    # The line is longer than the terminal is wide: its end comes back in a line of its own.
    said = online.run(f"ocpp fault 1 OtherError {'x' * 51}").splitlines()
    assert said[-1] == "more than 50 bytes of information"
    assert online.run("ocpp connectors 1") == "1   Available      0 Wh"


def test_every_key_is_what_the_central_system_is_told(online):
    answer = online.commands.call("GetConfiguration {}").removeprefix("result ")
    told = json.loads(answer)["configurationKey"]
    said = {}
    for line in online.run("ocpp config get").splitlines():
        name, value, read_only = KEY.fullmatch(line).groups()
        said[name] = (value, bool(read_only))
    assert said == {key["key"]: (key["value"], key["readonly"]) for key in told}


def test_keys_by_name(online):
    said = online.run("ocpp config get heartbeatinterval NumberOfConnectors")
    assert said.splitlines() == ["HeartbeatInterval = 300", "NumberOfConnectors = 2 (read-only)"]
    assert online.run("ocpp config get Nonsense") == "NotSupported: there is no key Nonsense"
    said = online.run("ocpp config get Stop*Disconnect Reset*").splitlines()
    assert said == ["StopTransactionOnEVSideDisconnect = true", "ResetRetries = 3"]


def test_a_key_is_set_as_the_central_system_does(shell):
    shell.start_online()
    before = len(shell.image.lines)
    assert shell.run("ocpp config set MeterValueSampleInterval 1") == "Accepted"
    assert shell.image.says("configuration changed: MeterValueSampleInterval", after=before)
    assert shell.run("ocpp config set MeterValuesSampledData Voltage,Current.Import") == "Accepted"
    answer = shell.commands.call("GetConfiguration {'key':['MeterValuesSampledData']}")
    assert '"value":"Voltage,Current.Import"' in answer
    shell.run("ocpp tag 1 A1")
    assert shell.commands.wait("MeterValues 1") >= 1
    assert shell.commands.measured("") == "Voltage=230 Current.Import=16"

    shell.stop()
    shell.start()
    assert shell.run("ocpp config get MeterValueSampleInterval") == "MeterValueSampleInterval = 1"


def test_keys_that_cannot_be_set(online):
    said = online.run("ocpp config set NumberOfConnectors 1")
    assert said == "Rejected: it is read-only"
    for value in ["ten", "-1", '""']:
        said = online.run(f"ocpp config set MeterValueSampleInterval {value}")
        assert said == "Rejected: no value of it, or not stored"
    said = online.run("ocpp config set Nonsense 1")
    assert said == "NotSupported: there is no key Nonsense"
    said = online.run("ocpp config get MeterValueSampleInterval")
    assert said == "MeterValueSampleInterval = 60"


def test_the_queue(online):
    assert online.run("ocpp queue").splitlines() == ["messages        0", "slots           0 used, 32 free"]
    online.commands.on("StartTransaction error InternalError")
    online.run("ocpp tag 1 A1")
    said = online.run_until("ocpp queue", "again in").splitlines()
    assert said[:2] == ["messages        1", "slots           1 used, 31 free"]
    wait = re.fullmatch(r"first message   failed 1 of 3 times, again in (\d+) s|.* 1 min 0 s", said[2])
    assert wait and int(wait[1] or 60) >= 50
    assert "transaction, not numbered yet, A1" in online.run("ocpp connectors 1")

    online.go_offline()
    online.commands.close("")
    said = online.run_until("ocpp queue", "waits for the connection")
    assert said.endswith("failed 1 of 3 times, waits for the connection")

    online.commands.on("StartTransaction answer")
    online.go_online()
    online.run("ocpp reconnect")
    assert online.run_until("ocpp queue", "messages        0")
    assert online.commands.books("1:0-") == "1:0-"


def test_reconnect_loses_nothing(online):
    online.commands.on("StartTransaction silence")
    online.run("ocpp tag 1 A1")
    assert online.commands.wait("StartTransaction 1") == 1
    before = online.station.connection
    online.commands.on("StartTransaction answer")
    assert online.run("ocpp reconnect") == "closed; connecting"
    assert online.commands.connected("2") == 2
    # It said goodbye.
    assert before.ended == "close 1000"
    online.run_until("ocpp connectors 1", "transaction 1, A1")
    first, again = online.calls("StartTransaction")
    assert first == again
    assert re.fullmatch(r"online, for \d s", connection(online))


def test_reconnect_does_not_wait_for_the_next_attempt(shell):
    shell.go_offline()
    shell.start()
    # The next attempt would be 6 seconds or more away.
    assert shell.image.says("not connected", times=4)
    shell.go_online()
    begun = time.monotonic()
    assert shell.run("ocpp reconnect") == "connecting"
    assert shell.commands.connected("1") == 1
    assert time.monotonic() - begun < 2


def test_reconnect_while_connecting(shell):
    shell.commands.handshake("silence")
    shell.start()
    assert shell.run_until("ocpp status", "connecting")
    assert shell.run("ocpp reconnect") == "it is connecting already"


def test_log_level(online):
    assert online.run("ocpp log level") == "ocpp: inf"
    assert online.run("ocpp log level err") == "ocpp: err"
    assert online.run("ocpp log level") == "ocpp: err"
    quiet = len(online.image.lines)
    online.run("ocpp fault 1 OtherError")
    online.run("ocpp clear 1")
    assert online.run("ocpp log level inf") == "ocpp: inf"
    loud = len(online.image.lines)
    online.run("ocpp fault 2 OtherError")
    assert online.image.says("connector 2 Faulted, OtherError", after=loud)
    assert not any(" ocpp: " in line for line in online.image.lines[quiet:loud])

    said = online.run("ocpp log level dbg")
    assert said == "ocpp: inf (the image has no more: CONFIG_OCPP_LOG_LEVEL)"
    assert online.run("ocpp log level off") == "ocpp: off"
    said = online.run("ocpp log level loud")
    assert said == "loud is no level: off, err, wrn, inf, dbg"


@pytest.mark.parametrize("command", [
    "status now", "connectors 1 2", "config set", "config set HeartbeatInterval",
    "config set HeartbeatInterval 1 2", "queue 1", "reconnect now", "log level inf wrn",
    "tag", "tag 1", "tag 1 A B", "plug", "plug 1 2", "unplug", "fault 1", "clear",
    "fault 1 OtherError what ever",
])
def test_wrong_number_of_arguments(online, command):
    assert WRONG_COUNT in online.run(f"ocpp {command}")


def test_completion(online):
    def completed(beginning):
        return online.terminal.complete(f"ocpp {beginning}")

    commands = ["clear", "config", "connectors", "fault", "log", "plug", "queue", "reconnect",
                "status", "tag", "unplug"]
    assert completed("") == (commands, "ocpp ")
    for command in ["connectors", "tag", "plug", "unplug"]:
        assert completed(f"{command} ") == (["1", "2"], f"ocpp {command} ")
    for command in ["fault", "clear"]:
        assert completed(f"{command} ") == (["0", "1", "2"], f"ocpp {command} ")
    offered, line = completed("fault 1 Over")
    assert (offered, line) == (["OverCurrentFailure", "OverVoltage"], "ocpp fault 1 Over")
    assert completed("fault 1 Gr") == ([], "ocpp fault 1 GroundFailure ")
    assert completed("log level w") == ([], "ocpp log level wrn ")

    names = [key.split(" = ")[0] for key in online.run("ocpp config get").splitlines()]
    for command in ["get", "set"]:
        assert completed(f"config {command} ")[0] == sorted(names)
        offered, line = completed(f"config {command} MeterValues")
        assert offered == sorted(name for name in names if name.startswith("MeterValues"))
        assert completed(f"config {command} Heart")[1] == f"ocpp config {command} HeartbeatInterval "
    # Any number of keys can be read, one is set.
    assert completed("config get HeartbeatInterval Light")[1].endswith(" LightIntensity ")
    assert completed("config set HeartbeatInterval Light")[1].endswith(" Light")


def test_transcript(shell):
    """Writes what docs/zephyr.md shows."""
    shell.start_online()
    shell.show("ocpp status")
    shell.show("ocpp config set MeterValueSampleInterval 1")
    shell.show("ocpp plug 1")
    shell.show("ocpp tag 1 ZepId00")
    assert shell.commands.wait("MeterValues 3") >= 3
    shell.show("ocpp connectors")
    shell.show('ocpp fault 2 GroundFailure "water inside"')
    shell.show("ocpp connectors 2")
    shell.show("ocpp tag 1 Somebody")
    shell.go_offline()
    shell.commands.close("")
    shell.run_until("ocpp status", "down")
    shell.show("ocpp tag 1 ZepId00")
    shell.run_until("ocpp connectors 1", "Finishing")
    shell.show("ocpp unplug 1")
    shell.show("ocpp queue")
    shell.go_online()
    shell.show("ocpp reconnect")
    shell.run_until("ocpp queue", "0 used")
    shell.show("ocpp queue")
    shell.show("ocpp config get Meter*Data NumberOfConnectors")
    shell.show("ocpp config set NumberOfConnectors 3")
    shell.show("ocpp log level wrn")
    path = os.environ.get("TRANSCRIPT_OUT", shell.folder / "transcript.txt")
    lines = shell.terminal.transcript
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    assert "slots           0 used, 32 free" in lines
