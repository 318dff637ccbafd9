from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

topic = Topic("unlock")


async def unlock(stage, wanted, connector):
    answer = await stage.system.call(call.UnlockConnector(connector_id=connector))
    equal(answer.status, wanted, "status")


async def unlock_with(stage, lock, wanted):
    """Unlocks connector 1 with a lock that answers `lock`."""
    stage.point.tell(f"unlock 1 {lock}")
    await stage.point.caught_up()
    await unlock(stage, wanted, 1)


@topic.scenario("the lock opens: Unlocked")
async def opens(stage):
    await unlock_with(stage, "ok", "Unlocked")


@topic.scenario("the lock is stuck: UnlockFailed")
async def stuck(stage):
    await unlock_with(stage, "fail", "UnlockFailed")


@topic.scenario("there is no lock: NotSupported")
async def no_lock(stage):
    await unlock_with(stage, "unsupported", "NotSupported")
    await unlock_with(stage, "ok", "Unlocked")


@topic.scenario("unknown connector: NotSupported")
async def unknown_connector(stage):
    await unlock(stage, "NotSupported", 9)


@topic.scenario("while charging, the transaction ends: UnlockCommand")
async def while_charging(stage):
    start = await stage.bench.charge(1)
    await unlock(stage, "Unlocked", 1)
    stop = await stage.bench.stopped(start, "UnlockCommand")
    holds("id_tag" not in stop.params, "no tag stopped it")
    await stage.bench.unplug(1)
