from bench import variable
from checks import NotThere, equal, holds
from ocpp.v201 import call
from topic import Topic

topic = Topic("variables")


async def get(stage, *wanted):
    """The results; they have to be those that were asked for, in that order."""
    answer = await stage.bench.ask(call.GetVariables(get_variable_data=list(wanted)))
    results = answer.get_variable_result
    check_echo(wanted, results)
    return results


async def change(stage, *wanted):
    """Their statuses."""
    answer = await stage.bench.ask(call.SetVariables(set_variable_data=list(wanted)))
    results = answer.set_variable_result
    check_echo(wanted, results)
    return [result["attribute_status"] for result in results]


def check_echo(wanted, results):
    for name in ("component", "variable"):
        equal([one[name] for one in results], [one[name] for one in wanted], f"{name}s")
    kinds = [one.get("attribute_type", "Actual") for one in wanted]
    equal([one.get("attribute_type", "Actual") for one in results], kinds, "attributeTypes")


@topic.scenario("get: several, in the order in which they were asked for")
async def get_several(stage):
    wanted = [
        variable("OCPPCommCtrlr", "HeartbeatInterval"),
        variable("TxCtrlr", "EVConnectionTimeOut"),
        variable("SampledDataCtrlr", "TxUpdatedInterval"),
    ]
    results = await get(stage, *wanted)
    equal([one["attribute_status"] for one in results], ["Accepted"] * 3, "statuses")
    equal(results[0]["attribute_value"], "300", "HeartbeatInterval")
    equal(results[2]["attribute_value"], "1", "TxUpdatedInterval")


@topic.scenario("get: names in any letter case come back as they were asked for")
async def get_case(stage):
    [result] = await get(stage, variable("ocppcommctrlr", "HEARTBEATINTERVAL"))
    equal(result["attribute_value"], "300", "HeartbeatInterval")


@topic.scenario("get: what is not known has no value")
async def get_unknown(stage):
    results = await get(
        stage,
        variable("NoSuchCtrlr", "Interval"),
        variable("TxCtrlr", "NoSuchVariable"),
        variable("TxCtrlr", "EVConnectionTimeOut", attribute_type="MaxSet"),
        variable("TxCtrlr", "EVConnectionTimeOut"),
    )
    wanted = ["UnknownComponent", "UnknownVariable", "NotSupportedAttributeType", "Accepted"]
    equal([one["attribute_status"] for one in results], wanted, "statuses")
    none = [one for one in results[:3] if "attribute_value" in one]
    equal(none, [], "values of what is not known")


@topic.scenario("set: a number is accepted and reads back")
async def set_number(stage):
    wanted = variable("TxCtrlr", "EVConnectionTimeOut", attribute_value="45")
    equal(await change(stage, wanted), ["Accepted"], "statuses")
    equal(await stage.bench.get("TxCtrlr", "EVConnectionTimeOut"), "45")


@topic.scenario("set: a list of measurands is accepted and reads back")
async def set_list(stage):
    value = "Energy.Active.Import.Register,Voltage"
    name = ("SampledDataCtrlr", "TxEndedMeasurands")
    before = await stage.bench.get(*name)
    equal(await change(stage, variable(*name, attribute_value=value)), ["Accepted"], "statuses")
    equal(await stage.bench.get(*name), value)
    await stage.bench.set(*name, before)


@topic.scenario("set: each of several for itself")
async def set_several(stage):
    statuses = await change(
        stage,
        variable("NoSuchCtrlr", "Interval", attribute_value="1"),
        variable("TxCtrlr", "NoSuchVariable", attribute_value="1"),
        variable("TxCtrlr", "EVConnectionTimeOut", attribute_value="1", attribute_type="Target"),
        variable("TxCtrlr", "EVConnectionTimeOut", attribute_value="soon"),
        variable("TxCtrlr", "EVConnectionTimeOut", attribute_value="60"),
    )
    wanted = ["UnknownComponent", "UnknownVariable", "NotSupportedAttributeType", "Rejected"]
    equal(statuses, [*wanted, "Accepted"], "statuses")
    equal(await stage.bench.get("TxCtrlr", "EVConnectionTimeOut"), "60")


REJECTED = {
    "no number": ("OCPPCommCtrlr", "HeartbeatInterval", "soon"),
    "a number with a tail": ("TxCtrlr", "EVConnectionTimeOut", "45s"),
    "a negative number": ("SampledDataCtrlr", "TxUpdatedInterval", "-5"),
    "no boolean": ("AuthCtrlr", "LocalPreAuthorize", "maybe"),
    "an unknown measurand in a list": (
        "SampledDataCtrlr",
        "TxUpdatedMeasurands",
        "Energy.Active.Import.Register,Happiness",
    ),
    "a measurand of OCPP 1.6": ("SampledDataCtrlr", "TxUpdatedMeasurands", "RPM"),
    "what can only be read": ("SecurityCtrlr", "SecurityProfile", "3"),
}


def there(result):
    """The value of a variable that a charging station may not have yet."""
    status = result["attribute_status"]
    if status in ("UnknownComponent", "UnknownVariable"):
        raise NotThere(f"{result['component']['name']}.{result['variable']['name']}: {status}")
    equal(status, "Accepted", "status")
    return result["attribute_value"]


def rejected(component, name, value):
    async def changes_nothing(stage):
        [result] = await get(stage, variable(component, name))
        before = there(result)
        wanted = variable(component, name, attribute_value=value)
        equal(await change(stage, wanted), ["Rejected"], "statuses")
        equal(await stage.bench.get(component, name), before, name)

    return changes_nothing


for what, case in REJECTED.items():
    topic.scenario(f"set: {what} is rejected")(rejected(*case))


@topic.scenario("get: as many as ItemsPerMessage says in one message")
async def get_many(stage):
    answer = await stage.bench.ask(
        call.GetVariables(
            get_variable_data=[
                {
                    "component": {"name": "DeviceDataCtrlr"},
                    "variable": {"name": "ItemsPerMessage", "instance": "GetVariables"},
                }
            ]
        )
    )
    [result] = answer.get_variable_result
    count = int(there(result))
    holds(count >= 1, f"ItemsPerMessage {count}")
    results = await get(stage, *[variable("ClockCtrlr", "DateTime")] * min(count, 50))
    equal({one["attribute_status"] for one in results}, {"Accepted"}, "statuses")
