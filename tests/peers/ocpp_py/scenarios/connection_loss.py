import asyncio

from books import Tags
from checks import equal, holds
from frame_log import CALLRESULT
from readings import register_wh, utc
from topic import Topic

#: Long enough for two readings of the meter, which is read every second.
OFFLINE_READINGS_S = (0.9, 0.9, 0.5)

topic = Topic("connection loss")


async def link_down(stage):
    """Returns how many connections there have been."""
    connection = stage.system.connections.entries[-1]
    since = stage.point.events.mark
    stage.point.tell("link down")
    await stage.point.until("disconnected", since)
    await connection.closed.wait()
    return stage.system.connections.mark


async def link_up(stage, connections):
    since = stage.point.events.mark
    stage.point.tell("link up")
    await stage.system.connection(connections)
    await stage.point.until("connected", since)


async def answered(stage, entry):
    """Waits until the charge point has read the answer to that CALL."""

    def is_answer(event):
        prefix = f'[{CALLRESULT},"{entry.id}"'
        return event.event == "frame" and event.dir == "in" and event.text.startswith(prefix)

    await stage.point.events.until(is_answer, what="answer")


def check_rising(meter_values):
    """Each reading is later than the one before it and shows no less energy."""
    for earlier, later in zip(meter_values, meter_values[1:]):
        in_order = utc(later["timestamp"]) > utc(earlier["timestamp"])
        holds(in_order, "readings out of order or twice")
        holds(register_wh(later) >= register_wh(earlier), "the register went back")


@topic.scenario("a session that ends offline is delivered in order, once, without a boot")
async def ends_offline(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    start = await bench.charge(1)
    transaction_id = start.answer.transaction_id
    point.tell("power 1 11000")
    await answered(stage, await books.until("MeterValues", transaction_id=transaction_id))

    connections = await link_down(stage)
    for seconds in OFFLINE_READINGS_S:
        await asyncio.sleep(seconds)
    since = point.events.mark
    point.tell(f"tag 1 {Tags.DRIVER}")
    await point.until("status", since, connector=1, status="Finishing")
    equal(books.all("StopTransaction"), [], "StopTransactions while offline")
    await link_up(stage, connections)

    stop = await bench.stopped(start, "Local")
    await books.until_statuses({1: "Finishing"})
    await bench.caught_up()
    equal(stop.params["id_tag"], Tags.DRIVER, "idTag")
    equal(books.all("BootNotification"), [], "BootNotifications")
    equal(len(books.all("StopTransaction")), 1, "number of StopTransactions")

    readings = books.all("MeterValues", transaction_id=transaction_id)
    queued = [entry for entry in readings if entry.connection == stop.connection]
    holds(queued, "no readings from the time offline")
    holds(all(entry.index < stop.index for entry in readings), "readings after the stop")
    meter_values = [value for entry in readings for value in entry.params["meter_value"]]
    check_rising(meter_values)
    last = meter_values[-1]
    holds(stop.params["meter_stop"] >= register_wh(last), "meterStop below the last reading")
    holds(utc(stop.params["timestamp"]) >= utc(last["timestamp"]), "stopped before it was read")
    await bench.unplug(1)


@topic.scenario("a whole session offline, with a tag in the cache, is delivered once")
async def whole_session_offline(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    await bench.set("AuthorizationCacheEnabled", "true")
    await bench.set("LocalAuthorizeOffline", "true")
    await bench.finish(1, await bench.charge(1))
    books.start_scenario()

    connections = await link_down(stage)
    since = point.events.mark
    point.tell("plug 1")
    point.tell(f"tag 1 {Tags.DRIVER}")
    await point.until("status", since, connector=1, status="Charging")
    point.tell(f"tag 1 {Tags.DRIVER}")
    await point.until("status", since, connector=1, status="Finishing")
    await link_up(stage, connections)

    start = await books.until("StartTransaction", connector_id=1, id_tag=Tags.DRIVER)
    stop = await bench.stopped(start, "Local")
    await bench.caught_up()
    holds(stop.index > start.index, "StopTransaction before StartTransaction")
    equal(len(books.all("StartTransaction")), 1, "number of StartTransactions")
    equal(len(books.all("StopTransaction")), 1, "number of StopTransactions")
    await books.until_statuses({1: "Finishing"})
    await bench.unplug(1)


@topic.scenario("a status that changed offline is reported, one that did not is not")
async def status_offline(stage):
    books = stage.books
    # A report whose answer has not arrived would rightly be told again.
    await stage.bench.caught_up()
    connections = await link_down(stage)
    since = stage.point.events.mark
    stage.point.tell("plug 2")
    await stage.point.until("status", since, connector=2, status="Preparing")
    await link_up(stage, connections)
    await stage.bench.status(2, "Preparing")
    await stage.bench.caught_up()
    equal(books.all("BootNotification"), [], "BootNotifications")
    equal(books.all("StatusNotification", connector_id=1), [], "reports of connector 1")
    await stage.bench.unplug(2)
