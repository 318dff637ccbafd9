from books import Tags
from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

TX_PROFILE = {
    "charging_profile_id": 1,
    "stack_level": 0,
    "charging_profile_purpose": "TxProfile",
    "charging_profile_kind": "Relative",
    "charging_schedule": {
        "charging_rate_unit": "W",
        "charging_schedule_period": [{"start_period": 0, "limit": 7360.5}],
    },
}

topic = Topic("remote start")


async def ask(stage, wanted, **request):
    answer = await stage.system.call(call.RemoteStartTransaction(**request))
    equal(answer.status, wanted, "status")


async def runs_and_stops(stage, connector, id_tag=Tags.DRIVER):
    """Waits for the session on that connector, then ends it with the tag."""
    start = await stage.books.until("StartTransaction", connector_id=connector, id_tag=id_tag)
    await stage.bench.status(connector, "Charging")
    await stage.bench.finish(connector, start, id_tag)
    return start


@topic.scenario("with a connector, cable first")
async def cable_first(stage):
    await stage.bench.plug(1)
    await ask(stage, "Accepted", connector_id=1, id_tag=Tags.DRIVER)
    await runs_and_stops(stage, 1)


@topic.scenario("with a connector, cable later")
async def cable_later(stage):
    await ask(stage, "Accepted", connector_id=2, id_tag=Tags.DRIVER)
    await stage.bench.status(2, "Preparing")
    stage.point.tell("plug 2")
    await runs_and_stops(stage, 2)


@topic.scenario("without a connector it starts where the cable is")
async def without_connector(stage):
    await stage.bench.plug(2)
    await ask(stage, "Accepted", id_tag=Tags.DRIVER)
    await runs_and_stops(stage, 2)


@topic.scenario("with a charging profile for the transaction")
async def with_profile(stage):
    await stage.bench.plug(1)
    await ask(
        stage, "Accepted", connector_id=1, id_tag=Tags.DRIVER, charging_profile=TX_PROFILE
    )
    await runs_and_stops(stage, 1)


@topic.scenario("asks before it starts when AuthorizeRemoteTxRequests is true")
async def asks_first(stage):
    await stage.bench.set("AuthorizeRemoteTxRequests", "true")
    await stage.bench.plug(1)
    await ask(stage, "Accepted", connector_id=1, id_tag=Tags.DRIVER)
    authorize = await stage.books.until("Authorize", id_tag=Tags.DRIVER)
    start = await runs_and_stops(stage, 1)
    holds(authorize.index < start.index, "StartTransaction before Authorize")
    await stage.bench.set("AuthorizeRemoteTxRequests", "false")


@topic.scenario("starts nothing for a refused tag when AuthorizeRemoteTxRequests is true")
async def asks_and_is_refused(stage):
    await stage.bench.set("AuthorizeRemoteTxRequests", "true")
    await stage.bench.plug(1)
    await ask(stage, "Accepted", connector_id=1, id_tag=Tags.BLOCKED)
    await stage.books.until("Authorize", id_tag=Tags.BLOCKED)
    await stage.bench.caught_up()
    equal(stage.books.all("StartTransaction"), [], "StartTransactions")
    await stage.bench.unplug(1)
    await stage.bench.set("AuthorizeRemoteTxRequests", "false")


@topic.scenario("starts without asking when AuthorizeRemoteTxRequests is false")
async def without_asking(stage):
    await stage.bench.plug(1)
    await ask(stage, "Accepted", connector_id=1, id_tag=Tags.STRANGER)
    await stage.bench.status(1, "Charging")
    equal(stage.books.all("Authorize"), [], "Authorize requests")
    await runs_and_stops(stage, 1, Tags.STRANGER)


@topic.scenario("rejected for unknown connector")
async def unknown_connector(stage):
    await ask(stage, "Rejected", connector_id=9, id_tag=Tags.DRIVER)
    await stage.bench.caught_up()
    equal(stage.books.all("StartTransaction"), [], "StartTransactions")


@topic.scenario("rejected while that connector charges")
async def while_charging(stage):
    start = await stage.bench.charge(1)
    await ask(stage, "Rejected", connector_id=1, id_tag=Tags.STRANGER)
    await stage.bench.caught_up()
    equal(len(stage.books.all("StartTransaction")), 1, "number of StartTransactions")
    await stage.bench.finish(1, start)
