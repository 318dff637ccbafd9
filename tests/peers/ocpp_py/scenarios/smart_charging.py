from datetime import datetime, timedelta, timezone

from books import Tags
from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

topic = Topic("smart charging")


def profile(periods=((0, 10.0),), schedule=None, **changes):
    """A TxDefaultProfile that began an hour ago."""
    ago = datetime.now(timezone.utc) - timedelta(hours=1)
    wanted = {
        "charging_profile_id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
        **changes,
        "charging_schedule": {
            "start_schedule": ago.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "charging_rate_unit": "A",
            "charging_schedule_period": [
                {"start_period": start, "limit": limit} for start, limit in periods
            ],
            **(schedule or {}),
        },
    }
    schedule = wanted["charging_schedule"]
    wanted["charging_schedule"] = {k: v for k, v in schedule.items() if v is not None}
    return wanted


async def put(stage, wanted, connector, asked, what="status"):
    request = call.SetChargingProfile(connector_id=connector, cs_charging_profiles=asked)
    equal((await stage.system.call(request)).status, wanted, what)


async def clear(stage, wanted, **which):
    equal((await stage.system.call(call.ClearChargingProfile(**which))).status, wanted, "clear")


async def composite(stage, wanted, connector, duration, unit):
    request = call.GetCompositeSchedule(
        connector_id=connector, duration=duration, charging_rate_unit=unit
    )
    answer = await stage.system.call(request)
    equal(answer.status, "Accepted", "status")
    equal(answer.connector_id, connector, "connector")
    schedule = answer.charging_schedule
    equal(schedule["duration"], duration, "duration")
    equal(schedule["charging_rate_unit"], unit, "unit")
    told = [(it["start_period"], it["limit"]) for it in schedule["charging_schedule_period"]]
    equal(told, wanted, "periods")


@topic.scenario("a default is set, told, replaced and cleared")
async def set_and_clear(stage):
    await composite(stage, [(0, 32)], 1, 600, "A")
    await put(stage, "Accepted", 0, profile())
    await composite(stage, [(0, 10)], 2, 600, "A")
    await put(stage, "Accepted", 0, profile([(0, 7.5)]))
    await composite(stage, [(0, 7.5)], 1, 600, "A")
    await composite(stage, [(0, 5175)], 1, 600, "W")
    await clear(stage, "Unknown", id=2)
    await clear(stage, "Accepted", id=1)
    await composite(stage, [(0, 32)], 1, 600, "A")


@topic.scenario("levels, purposes and units together")
async def together(stage):
    whole = profile(
        [(0, 13_800.0)],
        {"charging_rate_unit": "W"},
        charging_profile_id=2,
        charging_profile_purpose="ChargePointMaxProfile",
    )
    await put(stage, "Accepted", 0, whole)
    weekly = profile(
        charging_profile_id=3, charging_profile_kind="Recurring", recurrency_kind="Weekly"
    )
    await put(stage, "Accepted", 1, weekly)
    short = profile(
        [(0, 25.0)],
        {"start_schedule": None, "duration": 60},
        charging_profile_id=4,
        charging_profile_kind="Relative",
        stack_level=5,
    )
    await put(stage, "Accepted", 1, short)
    await composite(stage, [(0, 20), (60, 10)], 1, 120, "A")
    await composite(stage, [(0, 20)], 2, 120, "A")
    await composite(stage, [(0, 20)], 0, 120, "A")
    await clear(stage, "Accepted", stack_level=5, connector_id=1)
    await composite(stage, [(0, 10)], 1, 120, "A")
    await clear(stage, "Accepted")
    await clear(stage, "Unknown")


@topic.scenario("a transaction pauses, goes on, and takes its profile with it")
async def pause(stage):
    start = await stage.bench.charge(1)
    transaction_id = start.answer.transaction_id
    of_it = {"charging_profile_purpose": "TxProfile", "transaction_id": transaction_id}
    await put(stage, "Accepted", 1, profile([(0, 0.0)], **of_it))
    suspended = await stage.bench.status(1, "SuspendedEVSE", start)
    await put(stage, "Accepted", 1, profile([(0, 6.0)], **of_it))
    await stage.bench.status(1, "Charging", suspended)
    other = {**of_it, "transaction_id": transaction_id + 1}
    await put(stage, "Rejected", 1, profile(**other))
    await stage.bench.finish(1, start)
    await clear(stage, "Unknown")


@topic.scenario("a remote start brings its profile")
async def remote(stage):
    await stage.bench.plug(1)
    asked = profile(
        [(0, 8.0)],
        {"start_schedule": None},
        charging_profile_purpose="TxProfile",
        charging_profile_kind="Relative",
    )
    request = call.RemoteStartTransaction(
        id_tag=Tags.DRIVER, connector_id=1, charging_profile=asked
    )
    equal((await stage.system.call(request)).status, "Accepted", "status")
    start = await stage.books.until("StartTransaction", connector_id=1)
    await stage.bench.status(1, "Charging")
    await composite(stage, [(0, 8)], 1, 60, "A")
    await stage.bench.finish(1, start)
    await clear(stage, "Unknown")


#: Where it is asked for, and what is wrong.
REJECTED = {
    "no transaction": (1, profile(charging_profile_purpose="TxProfile")),
    "a whole that is Relative": (
        0,
        profile(
            charging_profile_purpose="ChargePointMaxProfile", charging_profile_kind="Relative"
        ),
    ),
    "a whole that is not on 0": (1, profile(charging_profile_purpose="ChargePointMaxProfile")),
    "a level too high": (0, profile(stack_level=1000)),
    "a late beginning": (0, profile([(60, 10.0)])),
    "no order": (0, profile([(0, 10.0), (60, 8.0), (30, 6.0)])),
    "no start": (0, profile(schedule={"start_schedule": None})),
    "Recurring without a kind": (0, profile(charging_profile_kind="Recurring")),
    "a negative limit": (0, profile([(0, -1.0)])),
}


@topic.scenario("what cannot be is rejected")
async def rejected(stage):
    for what, (connector, asked) in REJECTED.items():
        await put(stage, "Rejected", connector, asked, what)
    await clear(stage, "Unknown")


@topic.scenario("an unknown connector is an error, or Rejected")
async def unknown_connector(stage):
    request = call.SetChargingProfile(connector_id=9, cs_charging_profiles=profile())
    refusal = await stage.system.refusal(request)
    equal(refusal, "PropertyConstraintViolation", "SetChargingProfile")
    answer = await stage.system.call(call.GetCompositeSchedule(connector_id=9, duration=60))
    equal(answer.status, "Rejected", "GetCompositeSchedule")
    holds(not answer.charging_schedule, "a schedule of no connector")
