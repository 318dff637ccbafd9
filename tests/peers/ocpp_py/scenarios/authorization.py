from books import Tags
from checks import equal, holds
from topic import Topic

topic = Topic("authorization")


async def starts_nothing(stage, id_tag):
    """Presents a tag that Authorize refuses at a plugged connector."""
    await stage.bench.plug(1)
    stage.point.tell(f"tag 1 {id_tag}")
    await stage.books.until("Authorize", id_tag=id_tag)
    await stage.bench.caught_up()
    equal(stage.books.all("StartTransaction"), [], "StartTransactions")
    equal(stage.books.all("StatusNotification", status="Charging"), [], "Charging reported")
    await stage.bench.unplug(1)


@topic.scenario("an Invalid tag starts nothing")
async def invalid(stage):
    await starts_nothing(stage, Tags.INVALID)


@topic.scenario("a Blocked tag starts nothing")
async def blocked(stage):
    await starts_nothing(stage, Tags.BLOCKED)


@topic.scenario("a tag refused by StartTransaction is stopped: DeAuthorized")
async def refused_at_start(stage):
    await stage.bench.plug(1)
    stage.point.tell(f"tag 1 {Tags.REFUSED_AT_START}")
    start = await stage.books.until("StartTransaction", id_tag=Tags.REFUSED_AT_START)
    stop = await stage.bench.stopped(start, "DeAuthorized")
    holds(stop.params["meter_stop"] >= start.params["meter_start"], "meterStop below meterStart")
    await stage.bench.unplug(1)


@topic.scenario("the same tag in other letter case stops a session")
async def other_case(stage):
    start = await stage.bench.charge(1)
    await stage.bench.finish(1, start, Tags.DRIVER.upper())


@topic.scenario("a tag of the same group stops a session")
async def same_group(stage):
    start = await stage.bench.charge(1)
    stop = await stage.bench.finish(1, start, Tags.PARTNER)
    equal(stop.params["id_tag"], Tags.PARTNER, "idTag")


@topic.scenario("a foreign tag does not stop a session")
async def foreign(stage):
    start = await stage.bench.charge(1)
    stage.point.tell(f"tag 1 {Tags.STRANGER}")
    await stage.bench.caught_up()
    equal(stage.books.all("StopTransaction"), [], "StopTransactions")
    await stage.bench.finish(1, start)
