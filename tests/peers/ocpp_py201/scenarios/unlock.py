from checks import equal
from ocpp.v201 import call
from topic import Topic

topic = Topic("unlock")


async def unlock(stage, wanted, evse, connector=1):
    answer = await stage.system.call(
        call.UnlockConnector(evse_id=evse, connector_id=connector)
    )
    equal(answer.status, wanted, "status")


async def unlock_with(stage, lock, wanted):
    """Unlocks the connector of EVSE 1 with a lock that answers `lock`."""
    stage.point.tell(f"unlock 1 {lock}")
    await stage.point.caught_up()
    await unlock(stage, wanted, 1)


@topic.scenario("the lock opens: Unlocked")
async def opens(stage):
    await unlock_with(stage, "ok", "Unlocked")


@topic.scenario("the lock is stuck, or there is none: UnlockFailed")
async def stuck(stage):
    await unlock_with(stage, "fail", "UnlockFailed")
    await unlock_with(stage, "unsupported", "UnlockFailed")
    await unlock_with(stage, "ok", "Unlocked")


@topic.scenario("no such EVSE, no such connector: UnknownConnector")
async def unknown_connector(stage):
    await unlock(stage, "UnknownConnector", 9)
    await unlock(stage, "UnknownConnector", 1, 2)


@topic.scenario("while charging: OngoingAuthorizedTransaction, which goes on")
async def while_charging(stage):
    transaction = await stage.bench.charge(1)
    await unlock(stage, "OngoingAuthorizedTransaction", 1)
    await stage.bench.caught_up()
    equal(stage.books.ended(), [], "ended transactions")
    await stage.bench.finish(transaction)
