from datetime import datetime, timedelta, timezone

from books import FLEET, Tags
from checks import equal
from ocpp.v16 import call
from topic import Topic

topic = Topic("reservation")


def later(seconds):
    moment = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def reserve(stage, connector, number, wanted="Accepted", seconds=3600, **more):
    request = {
        "connector_id": connector,
        "expiry_date": later(seconds),
        "id_tag": Tags.DRIVER,
        "reservation_id": number,
    }
    answer = await stage.system.call(call.ReserveNow(**{**request, **more}))
    equal(answer.status, wanted, f"answer to ReserveNow of connector {connector}")


async def cancel(stage, number, wanted="Accepted"):
    answer = await stage.system.call(call.CancelReservation(reservation_id=number))
    equal(answer.status, wanted, "answer to CancelReservation")


async def finish(stage, connector, start, id_tag):
    stage.point.tell(f"tag {connector} {id_tag}")
    await stage.bench.stopped(start, "Local")
    await stage.bench.unplug(connector)


@topic.scenario("it is used by its driver, whose start names it")
async def used(stage):
    await reserve(stage, 1, 71)
    await stage.bench.status(1, "Reserved")
    stage.point.tell("plug 1")
    stage.point.tell(f"tag 1 {Tags.DRIVER}")
    start = await stage.books.until("StartTransaction", connector_id=1, reservation_id=71)
    await finish(stage, 1, start, Tags.DRIVER)
    await cancel(stage, 71, "Rejected")


@topic.scenario("another driver is turned away")
async def foreign(stage):
    await reserve(stage, 1, 72)
    stage.point.tell("plug 1")
    stage.point.tell(f"tag 1 {Tags.STRANGER}")
    await stage.bench.caught_up()
    equal(stage.books.all("StartTransaction"), [], "StartTransactions")
    equal(stage.books.all("StatusNotification", status="Preparing"), [], "Preparing reported")
    stage.point.tell("unplug 1")
    await cancel(stage, 72)
    await stage.bench.status(1, "Available")


@topic.scenario("the group of its driver may use it: the central system knows who is in it")
async def group(stage):
    await reserve(stage, 1, 73, parent_id_tag=FLEET)
    stage.point.tell("plug 1")
    stage.point.tell(f"tag 1 {Tags.PARTNER}")
    start = await stage.books.until("StartTransaction", reservation_id=73)
    equal(start.params["id_tag"], Tags.PARTNER, "idTag")
    await finish(stage, 1, start, Tags.PARTNER)


@topic.scenario("it ends with its time")
async def expires(stage):
    await reserve(stage, 1, 74, seconds=1.5)
    await stage.bench.status(1, "Reserved")
    await stage.bench.status(1, "Available")
    await cancel(stage, 74, "Rejected")


@topic.scenario("the same reservationId replaces it, also elsewhere")
async def replaced(stage):
    await reserve(stage, 1, 75)
    await reserve(stage, 1, 75, id_tag=Tags.STRANGER)
    await reserve(stage, 2, 75)
    await stage.bench.status(1, "Available")
    await stage.bench.status(2, "Reserved")
    await cancel(stage, 75)
    await stage.bench.status(2, "Available")


@topic.scenario("connector 0: one connector is kept")
async def any_connector(stage):
    await reserve(stage, 0, 76)
    first = await stage.bench.charge(1, Tags.STRANGER)
    await stage.bench.status(2, "Reserved")
    remote = call.RemoteStartTransaction(connector_id=2, id_tag=Tags.STRANGER)
    equal((await stage.system.call(remote)).status, "Rejected", "status")
    stage.point.tell("plug 2")
    stage.point.tell(f"tag 2 {Tags.DRIVER}")
    start = await stage.books.until("StartTransaction", reservation_id=76)
    equal(start.params["connector_id"], 2, "connectorId")
    await finish(stage, 2, start, Tags.DRIVER)
    await finish(stage, 1, first, Tags.STRANGER)


@topic.scenario("remote start on it")
async def remote_start(stage):
    await reserve(stage, 2, 77)
    for id_tag, wanted in ((Tags.STRANGER, "Rejected"), (Tags.DRIVER, "Accepted")):
        request = call.RemoteStartTransaction(connector_id=2, id_tag=id_tag)
        equal((await stage.system.call(request)).status, wanted, f"status for {id_tag}")
    stage.point.tell("plug 2")
    start = await stage.books.until("StartTransaction", reservation_id=77)
    await finish(stage, 2, start, Tags.DRIVER)


@topic.scenario("it survives a power loss")
async def power_loss(stage):
    await reserve(stage, 1, 78)
    connections = stage.system.connections.mark
    stage.point.tell("power-loss")
    await stage.system.connection(connections)
    # The last of the reports after the boot.
    await stage.bench.status(2, "Available")
    equal(stage.books.statuses[1], "Reserved", "status")
    await cancel(stage, 78)
    await stage.bench.caught_up()


@topic.scenario("what is in use: Occupied")
async def occupied(stage):
    await reserve(stage, 1, 79)
    await reserve(stage, 1, 80, "Occupied")
    await stage.bench.plug(2)
    await reserve(stage, 2, 80, "Occupied")
    await reserve(stage, 0, 80, "Occupied")
    await stage.bench.unplug(2)
    await cancel(stage, 79)
    await stage.bench.status(1, "Available")


@topic.scenario("what is broken: Faulted; out of service: Unavailable")
async def broken(stage):
    stage.point.tell("fault 1 GroundFailure")
    await stage.bench.status(1, "Faulted")
    await reserve(stage, 1, 81, "Faulted")
    stage.point.tell("clear 1")
    await stage.system.call(call.ChangeAvailability(connector_id=2, type="Inoperative"))
    await reserve(stage, 2, 81, "Unavailable")
    await stage.system.call(call.ChangeAvailability(connector_id=2, type="Operative"))
    await stage.bench.status(2, "Available")


@topic.scenario("a fault ends it")
async def fault(stage):
    await reserve(stage, 1, 82)
    stage.point.tell("fault 1 GroundFailure")
    await stage.bench.status(1, "Faulted")
    await cancel(stage, 82, "Rejected")
    stage.point.tell("clear 1")
    await stage.bench.status(1, "Available")


@topic.scenario("no such connector, or a time that has passed: Rejected")
async def rejected(stage):
    await reserve(stage, 9, 83, "Rejected")
    await reserve(stage, 1, 83, "Rejected", seconds=-60)
    await cancel(stage, 83, "Rejected")


@topic.scenario("without an expiryDate: ProtocolError")
async def no_expiry(stage):
    request = {"connectorId": 1, "reservationId": 84, "idTag": Tags.DRIVER}
    equal(await stage.system.malformed_call("ReserveNow", request), "ProtocolError", "code")


@topic.scenario("a reservationId that is no number: TypeConstraintViolation")
async def no_number(stage):
    code = await stage.system.malformed_call("CancelReservation", {"reservationId": "seven"})
    equal(code, "TypeConstraintViolation", "code")
