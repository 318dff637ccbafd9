from bench import id_token
from books import Tokens
from checks import equal
from ocpp.v201 import call
from topic import Topic

topic = Topic("availability")


async def change(stage, wanted, availability, evse=None):
    request = call.ChangeAvailability(operational_status=availability, evse=evse)
    answer = await stage.system.call(request)
    equal(answer.status, wanted, f"status of {availability}")


async def goes_down_and_up(stage, evse):
    await change(stage, "Accepted", "Inoperative", evse)
    down = await stage.bench.status(1, "Unavailable")
    await change(stage, "Accepted", "Inoperative", evse)
    await change(stage, "Accepted", "Operative", evse)
    await stage.bench.status(1, "Available", down)
    await change(stage, "Accepted", "Operative", evse)
    await stage.bench.caught_up()
    equal(stage.books.all("StatusNotification", evse_id=2), [], "reports of EVSE 2")


@topic.scenario("an idle EVSE goes out of service and back, twice asked each")
async def idle_evse(stage):
    await goes_down_and_up(stage, {"id": 1})


@topic.scenario("so does its connector")
async def idle_connector(stage):
    await goes_down_and_up(stage, {"id": 1, "connector_id": 1})


@topic.scenario("nothing starts at an EVSE out of service")
async def nothing_starts(stage):
    await change(stage, "Accepted", "Inoperative", {"id": 1})
    await stage.bench.status(1, "Unavailable")
    request = call.RequestStartTransaction(
        evse_id=1, id_token=id_token(Tokens.DRIVER), remote_start_id=1
    )
    equal((await stage.system.call(request)).status, "Rejected", "status of the remote start")
    stage.point.tell(f"tag 1 {Tokens.DRIVER}")
    await stage.bench.caught_up()
    equal(stage.books.started(), [], "transactions")
    await change(stage, "Accepted", "Operative", {"id": 1})
    await stage.bench.status(1, "Available")


@topic.scenario("without an EVSE the whole station is meant")
async def whole_station(stage):
    await change(stage, "Accepted", "Inoperative")
    await stage.books.until_statuses({1: "Unavailable", 2: "Unavailable"})
    await change(stage, "Accepted", "Operative")
    await stage.books.until_statuses({1: "Available", 2: "Available"})


@topic.scenario("the whole station back in service leaves an EVSE out of it that was so before")
async def own_setting(stage):
    await change(stage, "Accepted", "Inoperative", {"id": 2})
    await change(stage, "Accepted", "Inoperative")
    await stage.books.until_statuses({1: "Unavailable", 2: "Unavailable"})
    await change(stage, "Accepted", "Operative")
    await stage.books.until_statuses({1: "Available"})
    before = stage.books.last()
    request = call.TriggerMessage(
        requested_message="StatusNotification", evse={"id": 2, "connector_id": 1}
    )
    equal((await stage.system.call(request)).status, "Accepted", "status of the trigger")
    report = await stage.books.until("StatusNotification", before, evse_id=2)
    equal(report.params["connector_status"], "Unavailable", "status of EVSE 2")
    await change(stage, "Accepted", "Operative", {"id": 2})
    await stage.books.until_statuses({2: "Available"})


@topic.scenario("while charging it is scheduled and applied at the end")
async def scheduled(stage):
    bench, books = stage.bench, stage.books
    transaction = await bench.charge(1)
    await change(stage, "Scheduled", "Inoperative", {"id": 1})
    await bench.caught_up()
    unavailable = books.all("StatusNotification", connector_status="Unavailable")
    equal(unavailable, [], "Unavailable reports")
    equal(books.ended(), [], "ended transactions")
    stage.point.tell(f"tag 1 {Tokens.DRIVER}")
    await bench.stopped(transaction, "Local", "StopAuthorized")
    stage.point.tell("unplug 1")
    await books.until_statuses({1: "Unavailable"})
    await change(stage, "Accepted", "Operative", {"id": 1})
    await books.until_statuses({1: "Available"})


@topic.scenario("rejected for an unknown EVSE and an unknown connector")
async def unknown(stage):
    await change(stage, "Rejected", "Inoperative", {"id": 9})
    await change(stage, "Rejected", "Inoperative", {"id": 1, "connector_id": 2})
    await stage.bench.caught_up()
    equal(stage.books.all("StatusNotification"), [], "StatusNotifications")
