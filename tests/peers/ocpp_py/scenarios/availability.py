from books import Tags
from checks import equal
from ocpp.v16 import call
from topic import Topic

topic = Topic("availability")


async def change(stage, wanted, connector, availability):
    request = call.ChangeAvailability(connector_id=connector, type=availability)
    answer = await stage.system.call(request)
    equal(answer.status, wanted, f"status of {availability}")


@topic.scenario("an idle connector goes out of service and back, twice asked each")
async def idle_connector(stage):
    await change(stage, "Accepted", 1, "Inoperative")
    down = await stage.bench.status(1, "Unavailable")
    await change(stage, "Accepted", 1, "Inoperative")
    await change(stage, "Accepted", 1, "Operative")
    await stage.bench.status(1, "Available", down)
    await change(stage, "Accepted", 1, "Operative")
    equal(stage.books.all("StatusNotification", connector_id=2), [], "reports of connector 2")


@topic.scenario("nothing starts on a connector out of service")
async def nothing_starts(stage):
    await change(stage, "Accepted", 1, "Inoperative")
    await stage.bench.status(1, "Unavailable")
    request = call.RemoteStartTransaction(connector_id=1, id_tag=Tags.DRIVER)
    equal((await stage.system.call(request)).status, "Rejected", "status of the remote start")
    stage.point.tell(f"tag 1 {Tags.DRIVER}")
    await stage.bench.caught_up()
    equal(stage.books.all("StartTransaction"), [], "StartTransactions")
    await change(stage, "Accepted", 1, "Operative")
    await stage.bench.status(1, "Available")


@topic.scenario("connector 0 means all of them")
async def connector_zero(stage):
    await change(stage, "Accepted", 0, "Inoperative")
    await stage.books.until_statuses({n: "Unavailable" for n in (0, 1, 2)})
    await change(stage, "Accepted", 0, "Operative")
    await stage.books.until_statuses({n: "Available" for n in (0, 1, 2)})


@topic.scenario("while charging it is scheduled and applied at the end")
async def scheduled(stage):
    bench, books = stage.bench, stage.books
    start = await bench.charge(1)
    await change(stage, "Scheduled", 1, "Inoperative")
    await bench.caught_up()
    equal(books.all("StatusNotification", status="Unavailable"), [], "Unavailable reports")
    equal(books.all("StopTransaction"), [], "StopTransactions")
    stage.point.tell(f"tag 1 {Tags.DRIVER}")
    await bench.stopped(start, "Local")
    stage.point.tell("unplug 1")
    await books.until_statuses({1: "Unavailable"})
    await bench.caught_up()
    equal(books.statuses[1], "Unavailable", "status")
    await change(stage, "Accepted", 1, "Operative")
    await books.until_statuses({1: "Available"})


@topic.scenario("rejected for unknown connector")
async def unknown_connector(stage):
    await change(stage, "Rejected", 9, "Inoperative")
    await stage.bench.caught_up()
    equal(stage.books.all("StatusNotification"), [], "StatusNotifications")
