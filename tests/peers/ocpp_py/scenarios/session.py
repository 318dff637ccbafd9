from books import Tags
from checks import equal, holds
from readings import register_wh, utc
from topic import Topic

METER_AT_PLUG_IN_WH = 5000

topic = Topic("session")


@topic.scenario("plug first: Preparing, Charging, meter values, Finishing, Available")
async def plug_first(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    since = point.events.mark
    point.tell(f"meter 1 {METER_AT_PLUG_IN_WH}")
    start = await bench.charge(1)
    transaction_id = start.answer.transaction_id
    point.tell("power 1 11000")
    first = await books.until("MeterValues", start, transaction_id=transaction_id)
    await books.until("MeterValues", first, transaction_id=transaction_id)
    point.tell(f"tag 1 {Tags.DRIVER}")
    stop = await bench.stopped(start, "Local")
    await bench.status(1, "Finishing")
    await bench.unplug(1)
    await bench.caught_up()

    authorize = books.all("Authorize")[0]
    equal(authorize.params["id_tag"], Tags.DRIVER, "idTag")
    holds(authorize.index < start.index, "StartTransaction before Authorize")
    reported = [e.params["status"] for e in books.all("StatusNotification", connector_id=1)]
    equal(reported, ["Preparing", "Charging", "Finishing", "Available"], "statuses")
    equal(len(books.all("StartTransaction")), 1, "number of StartTransactions")
    equal(len(books.all("StopTransaction")), 1, "number of StopTransactions")
    equal(stop.params["id_tag"], Tags.DRIVER, "idTag")
    holds(utc(stop.params["timestamp"]) >= utc(start.params["timestamp"]), "stopped too early")
    check_meter(start, books.all("MeterValues", connector_id=1), stop)

    await point.until("transaction", since, connector=1, transactionId=transaction_id)
    await point.until("transaction", since, connector=1, reason="Local")


def check_meter(start, readings, stop):
    """From meterStart to meterStop the register never goes back."""
    equal(start.params["meter_start"], METER_AT_PLUG_IN_WH, "meterStart")
    register = start.params["meter_start"]
    for entry in readings:
        equal(entry.params["transaction_id"], start.answer.transaction_id, "transactionId")
        for meter_value in entry.params["meter_value"]:
            reading = register_wh(meter_value)
            holds(reading >= register, f"the register went from {register} to {reading} Wh")
            register = reading
    holds(stop.params["meter_stop"] >= register, "meterStop below the last reading")


@topic.scenario("tag first: Authorize, then the cable starts it")
async def tag_first(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    point.tell(f"tag 1 {Tags.DRIVER}")
    authorize = await books.until("Authorize", id_tag=Tags.DRIVER)
    await bench.status(1, "Preparing")
    equal(books.all("StartTransaction"), [], "StartTransactions")
    point.tell("plug 1")
    start = await books.until("StartTransaction", authorize, connector_id=1, id_tag=Tags.DRIVER)
    await bench.status(1, "Charging")
    stop = await bench.finish(1, start)
    equal(stop.params["id_tag"], Tags.DRIVER, "idTag")


@topic.scenario("unplugging at the vehicle ends it: EVDisconnected")
async def ev_side_disconnect(stage):
    start = await stage.bench.charge(1)
    await stage.bench.unplug(1)
    stop = await stage.bench.stopped(start, "EVDisconnected")
    holds("id_tag" not in stop.params, "no tag stopped it")
    holds(stop.params["meter_stop"] >= start.params["meter_start"], "meterStop below meterStart")


@topic.scenario("two connectors charge at the same time")
async def two_connectors(stage):
    bench = stage.bench
    one = await bench.charge(1, Tags.DRIVER)
    two = await bench.charge(2, Tags.STRANGER)
    holds(one.answer.transaction_id != two.answer.transaction_id, "one transaction for both")
    await bench.finish(2, two, Tags.STRANGER)
    equal(len(stage.books.all("StopTransaction")), 1, "number of StopTransactions")
    await bench.finish(1, one, Tags.DRIVER)
