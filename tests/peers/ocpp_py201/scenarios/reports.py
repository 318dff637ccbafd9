"""The device model in parts."""

from datetime import datetime

from bench import variable
from checks import NotThere, equal, holds, none
from ocpp.v201 import call
from topic import Topic

#: What every charging station has (part 1 of the specification): component and variable, with
#: the instance where there is one. With "EVSE" and "Connector" as components: at each of them.
REQUIRED = """
    ChargingStation.Available ChargingStation.AvailabilityState ChargingStation.SupplyPhases
    EVSE.Available EVSE.AvailabilityState EVSE.SupplyPhases EVSE.Power
    Connector.Available Connector.AvailabilityState Connector.ConnectorType
    Connector.SupplyPhases
    OCPPCommCtrlr.ActiveNetworkProfile OCPPCommCtrlr.FileTransferProtocols
    OCPPCommCtrlr.MessageTimeout[Default]
    OCPPCommCtrlr.MessageAttempts[TransactionEvent]
    OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]
    OCPPCommCtrlr.NetworkConfigurationPriority OCPPCommCtrlr.NetworkProfileConnectionAttempts
    OCPPCommCtrlr.OfflineThreshold OCPPCommCtrlr.ResetRetries
    OCPPCommCtrlr.UnlockOnEVSideDisconnect OCPPCommCtrlr.WebSocketPingInterval
    OCPPCommCtrlr.RetryBackOffRandomRange OCPPCommCtrlr.RetryBackOffRepeatTimes
    OCPPCommCtrlr.RetryBackOffWaitMinimum
    DeviceDataCtrlr.ItemsPerMessage[GetReport] DeviceDataCtrlr.ItemsPerMessage[GetVariables]
    DeviceDataCtrlr.ItemsPerMessage[SetVariables] DeviceDataCtrlr.BytesPerMessage[GetReport]
    DeviceDataCtrlr.BytesPerMessage[GetVariables] DeviceDataCtrlr.BytesPerMessage[SetVariables]
    ClockCtrlr.DateTime ClockCtrlr.TimeSource
    SecurityCtrlr.OrganizationName SecurityCtrlr.CertificateEntries SecurityCtrlr.SecurityProfile
    AuthCtrlr.AuthorizeRemoteStart AuthCtrlr.LocalAuthorizeOffline AuthCtrlr.LocalPreAuthorize
    TxCtrlr.EVConnectionTimeOut TxCtrlr.StopTxOnEVSideDisconnect TxCtrlr.StopTxOnInvalidId
    TxCtrlr.TxStartPoint TxCtrlr.TxStopPoint
    SampledDataCtrlr.TxStartedMeasurands SampledDataCtrlr.TxUpdatedMeasurands
    SampledDataCtrlr.TxEndedMeasurands SampledDataCtrlr.TxUpdatedInterval
    SampledDataCtrlr.TxEndedInterval
    AlignedDataCtrlr.Measurands AlignedDataCtrlr.Interval AlignedDataCtrlr.TxEndedMeasurands
    AlignedDataCtrlr.TxEndedInterval
""".split()

#: Types of lists and options, of which a report says what they can be.
CHOICES = ("OptionList", "SequenceList", "MemberList")

#: What nothing but a moment says.
FLEETING = {"DateTime"}

topic = Topic("reports")


async def report(stage, request_id, base):
    """The data of all parts of a base report."""
    request = call.GetBaseReport(request_id=request_id, report_base=base)
    since = stage.frames.mark
    equal((await stage.bench.ask(request)).status, "Accepted", f"status of {base}")
    await stage.books.until("NotifyReport", within=10, request_id=request_id, tbc=False)
    parts = [entry.params for entry in stage.books.all("NotifyReport", request_id=request_id)]
    equal([part["seq_no"] for part in parts], list(range(len(parts))), "seqNos")
    holds(
        stage.system.answered_before("GetBaseReport", "NotifyReport", since),
        "the report came before the answer",
    )
    data = [one for part in parts for one in part.get("report_data", [])]
    addresses = [address(one) for one in data]
    none({one for one in addresses if addresses.count(one) > 1})
    return data


def address(one):
    """`Component.Variable[Instance]` and where, of an entry of a report."""
    component, name = one["component"], one["variable"]
    told = f"{component['name']}.{name['name']}"
    if "instance" in name:
        told += f"[{name['instance']}]"
    evse = component.get("evse", {})
    place = [str(evse[part]) for part in ("id", "connector_id") if part in evse]
    return "/".join([told, *place])


def of_every_station():
    places = {"EVSE": ["/1", "/2"], "Connector": ["/1/1", "/2/1"]}
    for name in REQUIRED:
        for place in places.get(name.split(".")[0], [""]):
            yield name + place


@topic.scenario("everything: in parts, each once, with all that a charging station must have")
async def full_inventory(stage):
    data = await report(stage, 11, "FullInventory")
    stage.reported = data
    told = {address(one) for one in data}
    none(name for name in of_every_station() if name not in told)


def reported(stage):
    """What the full inventory said."""
    if not stage.reported:
        raise NotThere("there was no report")
    return stage.reported


@topic.scenario("what a report says is what a variable reads")
async def reads_the_same(stage):
    data = [one for one in reported(stage) if one["variable"]["name"] not in FLEETING]
    for at in range(0, len(data), 4):
        some = data[at : at + 4]
        wanted = [{name: one[name] for name in ("component", "variable")} for one in some]
        answer = await stage.bench.ask(call.GetVariables(get_variable_data=wanted))
        for one, result in zip(some, answer.get_variable_result):
            [attribute] = [
                attribute
                for attribute in one["variable_attribute"]
                if attribute.get("type", "Actual") == "Actual"
            ]
            if attribute.get("mutability") == "WriteOnly":
                equal(result["attribute_status"], "Rejected", f"status of {address(one)}")
                holds("value" not in attribute, f"{address(one)} is told")
            else:
                value = attribute.get("value", "")
                equal(result.get("attribute_value", ""), value, address(one))


@topic.scenario("a value is of its type, and one of those that it can be")
async def of_its_type(stage):
    for one in reported(stage):
        characteristics = one["variable_characteristics"]
        kind, values = characteristics["data_type"], characteristics.get("values_list")
        for attribute in one["variable_attribute"]:
            value = attribute.get("value", "")
            entries = value.split(",") if kind in CHOICES else []
            if values is None:
                holds(kind not in CHOICES, f"{address(one)} does not say what it can be")
            elif value:
                # A measurand of a phase is one of its measurand.
                known = [entry.split(".L")[0] in values.split(",") for entry in entries]
                holds(all(known), f"{address(one)} is {value}, not of {values}")
            match kind:
                case "boolean":
                    holds(value in ("true", "false"), f"{address(one)} is {value}")
                case "integer" if value:
                    most = characteristics.get("max_limit", int(value))
                    holds(int(value) <= most, f"{address(one)} is {value}, above {most}")
                case "dateTime":
                    datetime.fromisoformat(value)


@topic.scenario("what cannot be set is rejected, and what is not known is not there")
async def cannot_be_set(stage):
    for one in reported(stage):
        [attribute] = one["variable_attribute"]
        if attribute.get("mutability") == "ReadOnly":
            wanted = {name: one[name] for name in ("component", "variable")}
            wanted["attribute_value"] = attribute.get("value", "1")
            answer = await stage.bench.ask(call.SetVariables(set_variable_data=[wanted]))
            status = answer.set_variable_result[0]["attribute_status"]
            equal(status, "Rejected", f"status of {address(one)}")
    for evse in ({"id": 3}, {"id": 1, "connector_id": 2}):
        wanted = variable("EVSE" if len(evse) == 1 else "Connector", "Available")
        wanted["component"]["evse"] = evse
        answer = await stage.bench.ask(call.GetVariables(get_variable_data=[wanted]))
        status = answer.get_variable_result[0]["attribute_status"]
        equal(status, "UnknownComponent", f"status of {evse}")


@topic.scenario("what can be set takes the value that it has")
async def takes_its_value(stage):
    for one in reported(stage):
        for attribute in one["variable_attribute"]:
            if attribute.get("mutability", "ReadWrite") == "ReadWrite" and attribute.get("value"):
                wanted = {name: one[name] for name in ("component", "variable")}
                wanted["attribute_value"] = attribute["value"]
                answer = await stage.bench.ask(call.SetVariables(set_variable_data=[wanted]))
                status = answer.set_variable_result[0]["attribute_status"]
                holds(status in ("Accepted", "RebootRequired"), f"{address(one)}: {status}")


@topic.scenario("the configuration: what can be set, and of everything only that is told")
async def configuration_inventory(stage):
    data = await report(stage, 12, "ConfigurationInventory")
    known = {address(one) for one in reported(stage)}
    none(address(one) for one in data if address(one) not in known)
    none(
        address(one)
        for one in data
        if all(it.get("mutability") == "ReadOnly" for it in one["variable_attribute"])
    )
    told = {address(one) for one in data}
    holds("SampledDataCtrlr.TxUpdatedInterval" in told, "TxUpdatedInterval is missing")


@topic.scenario("a summary: what can be used, as it is now")
async def summary_inventory(stage):
    stage.point.tell("fault 2 GroundFailure")
    await stage.bench.status(2, "Faulted")
    data = await report(stage, 13, "SummaryInventory")
    stage.point.tell("clear 2")
    await stage.bench.status(2, "Available")
    values = {address(one): one["variable_attribute"][0]["value"] for one in data}
    for name, wanted in {
        "ChargingStation.AvailabilityState": "Available",
        "EVSE.AvailabilityState/1": "Available",
        "EVSE.AvailabilityState/2": "Faulted",
        "Connector.AvailabilityState/1/1": "Available",
        "Connector.AvailabilityState/2/1": "Faulted",
    }.items():
        equal(values.get(name), wanted, name)


@topic.scenario("other requests are answered while a report is sent")
async def meanwhile(stage):
    request = call.GetBaseReport(request_id=14, report_base="FullInventory")
    equal((await stage.bench.ask(request)).status, "Accepted", "status")
    await stage.books.until("NotifyReport", request_id=14)
    answer = await stage.bench.ask(
        call.GetVariables(get_variable_data=[variable("TxCtrlr", "EVConnectionTimeOut")])
    )
    equal(answer.get_variable_result[0]["attribute_status"], "Accepted", "status")
    await stage.books.until("NotifyReport", within=10, request_id=14, tbc=False)
