from bench import CONFIGURATION
from checks import equal, holds
from ocpp.v16 import call
from ocpp.v16.enums import Measurand
from readings import names
from topic import Topic

#: Every configuration key of the Core profile.
CORE_KEYS = """
    AllowOfflineTxForUnknownId AuthorizationCacheEnabled AuthorizeRemoteTxRequests BlinkRepeat
    ClockAlignedDataInterval ConnectionTimeOut ConnectorPhaseRotation
    ConnectorPhaseRotationMaxLength GetConfigurationMaxKeys HeartbeatInterval LightIntensity
    LocalAuthorizeOffline LocalPreAuthorize MaxEnergyOnInvalidId MeterValuesAlignedData
    MeterValuesAlignedDataMaxLength MeterValuesSampledData MeterValuesSampledDataMaxLength
    MeterValueSampleInterval MinimumStatusDuration NumberOfConnectors ResetRetries
    StopTransactionOnEVSideDisconnect StopTransactionOnInvalidId StopTxnAlignedData
    StopTxnAlignedDataMaxLength StopTxnSampledData StopTxnSampledDataMaxLength
    SupportedFeatureProfiles SupportedFeatureProfilesMaxLength TransactionMessageAttempts
    TransactionMessageRetryInterval UnlockConnectorOnEVSideDisconnect WebSocketPingInterval
""".split()

topic = Topic("configuration")


async def get(stage, *keys):
    """Known entries by key, and the unknown keys."""
    answer = await stage.system.call(call.GetConfiguration(key=list(keys) or None))
    entries = answer.configuration_key or []
    known = {entry["key"]: entry for entry in entries}
    equal(len(known), len(entries), "number of different keys")
    return known, answer.unknown_key or []


async def change(stage, wanted, key, value):
    answer = await stage.system.call(call.ChangeConfiguration(key=key, value=value))
    equal(answer.status, wanted, f"status of {key}={value}")


async def value_of(stage, key):
    known, _ = await get(stage, key)
    return known[key]["value"]


@topic.scenario("get: all keys")
async def get_all(stage):
    known, unknown = await get(stage)
    equal([key for key in CORE_KEYS if key not in known], [], "missing keys")
    equal(unknown, [], "unknownKey")
    equal(known["NumberOfConnectors"]["value"], "2", "NumberOfConnectors")
    equal(known["HeartbeatInterval"]["value"], "300", "HeartbeatInterval")
    holds("Core" in known["SupportedFeatureProfiles"]["value"].split(","), "no Core profile")


@topic.scenario("get: an empty list of keys means all")
async def get_empty(stage):
    answer = await stage.system.call(call.GetConfiguration(key=[]))
    holds(len(answer.configuration_key) >= len(CORE_KEYS), "not all keys")


@topic.scenario("get: some keys")
async def get_some(stage):
    known, unknown = await get(stage, "NumberOfConnectors", "HeartbeatInterval")
    equal(set(known), {"NumberOfConnectors", "HeartbeatInterval"}, "keys")
    equal(unknown, [], "unknownKey")
    equal(known["NumberOfConnectors"]["readonly"], True, "readonly of NumberOfConnectors")
    equal(known["HeartbeatInterval"]["readonly"], False, "readonly of HeartbeatInterval")


@topic.scenario("get: an unknown key")
async def get_unknown(stage):
    equal(await get(stage, "NoSuchKey"), ({}, ["NoSuchKey"]), "answer")


@topic.scenario("get: known and unknown keys")
async def get_mixed(stage):
    known, unknown = await get(stage, "NoSuchKey", "ConnectionTimeOut", "NorThisOne")
    equal(set(known), {"ConnectionTimeOut"}, "keys")
    equal(set(unknown), {"NoSuchKey", "NorThisOne"}, "unknownKey")


@topic.scenario("change: an integer is accepted and reads back")
async def change_integer(stage):
    await change(stage, "Accepted", "ConnectionTimeOut", "45")
    equal(await value_of(stage, "ConnectionTimeOut"), "45")


@topic.scenario("change: booleans are accepted in any case")
async def change_boolean(stage):
    for value in ("TRUE", "False", "true", "fAlSe"):
        await change(stage, "Accepted", "LocalPreAuthorize", value)
        equal((await value_of(stage, "LocalPreAuthorize")).lower(), value.lower())


@topic.scenario("change: a list of measurands is accepted and reads back")
async def change_list(stage):
    value = "Energy.Active.Import.Register,Voltage"
    await change(stage, "Accepted", "StopTxnSampledData", value)
    equal(await value_of(stage, "StopTxnSampledData"), value)
    await change(stage, "Accepted", "StopTxnSampledData", "")


@topic.scenario("change: what is measured is found out by trying, and all of it is reported")
async def try_measurands(stage):
    """Each measurand alone; those that are accepted become the list."""
    key = "MeterValuesSampledData"
    accepted = []
    for measurand in Measurand:
        answer = await stage.system.call(call.ChangeConfiguration(key=key, value=measurand.value))
        if answer.status == "Accepted":
            accepted.append(measurand.value)
    holds("Voltage" in accepted and "RPM" not in accepted, f"accepted: {accepted}")
    await change(stage, "Accepted", key, ",".join(accepted))
    start = await stage.bench.charge(1)
    values = await stage.books.until(
        "MeterValues", start, transaction_id=start.answer.transaction_id
    )
    reported = {name.split(" ")[0] for name in names(values.params["meter_value"][0])}
    equal(sorted(reported), sorted(accepted), "reported measurands")
    await stage.bench.finish(1, start)
    await stage.bench.set(key, CONFIGURATION[key])


@topic.scenario("change: phases behind a dot and behind a dash")
async def try_phases(stage):
    key = "MeterValuesSampledData"
    for value in ("Voltage.L1,Current.Import.L3", "Voltage-L1,Current.Import-L3"):
        await change(stage, "Accepted", key, value)
        equal(await value_of(stage, key), "Voltage.L1,Current.Import.L3")
    start = await stage.bench.charge(1)
    values = await stage.books.until(
        "MeterValues", start, transaction_id=start.answer.transaction_id
    )
    equal(names(values.params["meter_value"][0]), ["Voltage L1", "Current.Import L3"])
    await stage.bench.finish(1, start)
    await stage.bench.set(key, CONFIGURATION[key])


REJECTED = {
    "letters for an integer are rejected": ("ConnectionTimeOut", "soon"),
    "a number with a tail is rejected": ("ConnectionTimeOut", "45s"),
    "a negative integer is rejected": ("MeterValueSampleInterval", "-5"),
    "no boolean is rejected": ("LocalPreAuthorize", "maybe"),
    "a list with an unknown measurand is rejected whole": (
        "MeterValuesSampledData",
        "Energy.Active.Import.Register,Happiness",
    ),
    "a list with a measurand that is not measured is rejected whole": (
        "MeterValuesSampledData",
        "Energy.Active.Import.Register,RPM",
    ),
    "a list with a phase that is not measured is rejected whole": (
        "StopTxnSampledData",
        "Voltage.L1,Voltage.N",
    ),
    "a read-only key is rejected": ("NumberOfConnectors", "3"),
}


def rejected(key, value):
    async def changes_nothing(stage):
        before = await value_of(stage, key)
        await change(stage, "Rejected", key, value)
        equal(await value_of(stage, key), before, key)

    return changes_nothing


for name, (key, value) in REJECTED.items():
    topic.scenario(f"change: {name}")(rejected(key, value))


@topic.scenario("change: an unknown key is not supported")
async def change_unknown(stage):
    await change(stage, "NotSupported", "NoSuchKey", "1")
