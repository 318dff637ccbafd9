from books import Tokens
from checks import equal, holds
from topic import Topic
from transaction import contexts, utc

METER_AT_PLUG_IN_WH = 5000

topic = Topic("session")


@topic.scenario("plug first: Occupied, Started, Updated with meter values, Ended, Available")
async def plug_first(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    since = point.events.mark
    point.tell(f"meter 1 {METER_AT_PLUG_IN_WH}")
    transaction = await bench.charge(1)
    point.tell("power 1 11000")
    first = await bench.update(transaction, "MeterValuePeriodic")
    await bench.update(transaction, "MeterValuePeriodic", first)
    point.tell(f"tag 1 {Tokens.DRIVER}")
    ended = await bench.stopped(transaction, "Local", "StopAuthorized")
    await bench.unplug(1)
    await bench.caught_up()

    start = transaction.start
    authorize = books.all("Authorize")[0]
    equal(authorize.params["id_token"], start.params["id_token"], "idToken")
    equal(start.params["id_token"]["id_token"], Tokens.DRIVER, "idToken")
    holds(authorize.index < start.index, "Started before Authorize")
    equal(start.params["trigger_reason"], "Authorized", "triggerReason")
    equal(start.params["evse"], {"id": 1, "connector_id": 1}, "evse")
    equal(transaction.registers()[0], METER_AT_PLUG_IN_WH, "first register")
    reported = [e.params["connector_status"] for e in books.all("StatusNotification", evse_id=1)]
    equal(reported, ["Occupied", "Available"], "statuses")
    equal((books.started(), books.ended()), ([transaction.id], [transaction.id]), "transactions")
    equal(ended.params["id_token"], start.params["id_token"], "idToken")
    holds(transaction.energy_wh() > 0, "nothing was charged")
    equal(transaction.faults(), [], "faults")

    await point.until("transaction", since, connector=1, state="accepted")
    await point.until("transaction", since, connector=1, reason="Local")


@topic.scenario("the end brings what was read from the start to the end, in this order")
async def readings_of_the_end(stage):
    bench = stage.bench
    transaction = await bench.charge(1)
    first = await bench.update(transaction, "MeterValuePeriodic")
    await bench.update(transaction, "MeterValuePeriodic", first)
    ended = await bench.finish(transaction)
    values = ended.params["meter_value"]
    for value in values:
        measurands = [sample["measurand"] for sample in value["sampled_value"]]
        equal(measurands, ["Energy.Active.Import.Register", "Power.Active.Import"], "measurands")
    told = [sorted(contexts(value)) for value in values]
    sampled = [["Sample.Periodic"]] * (len(values) - 2)
    equal(told, [["Transaction.Begin"], *sampled, ["Transaction.End"]], "contexts")
    times = [utc(value["timestamp"]) for value in values]
    equal(times, sorted(times), "timestamps")


@topic.scenario("token first: Authorize, then the cable starts it")
async def token_first(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    point.tell(f"tag 1 {Tokens.DRIVER}")
    authorize = await books.until("Authorize")
    equal(authorize.params["id_token"]["id_token"], Tokens.DRIVER, "idToken")
    await bench.caught_up()
    equal(books.started(), [], "transactions")
    point.tell("plug 1")
    transaction = await books.until_started(1, Tokens.DRIVER)
    equal(transaction.start.params["trigger_reason"], "CablePluggedIn", "triggerReason")
    await bench.charging(transaction)
    await bench.finish(transaction)


@topic.scenario("unplugging at the vehicle ends it: EVDisconnected")
async def ev_side_disconnect(stage):
    transaction = await stage.bench.charge(1)
    await stage.bench.unplug(1)
    ended = await stage.bench.stopped(transaction, "EVDisconnected", "EVCommunicationLost")
    holds("id_token" not in ended.params, "no token stopped it")


@topic.scenario("the vehicle and the station suspend: each chargingState is told once")
async def suspended(stage):
    bench, point = stage.bench, stage.point
    transaction = await bench.charge(1)
    last = transaction.events[-1]
    for command, state in (
        ("suspend 1 ev", "SuspendedEV"),
        ("resume 1", "Charging"),
        ("suspend 1 evse", "SuspendedEVSE"),
        ("resume 1", "Charging"),
    ):
        point.tell(command)
        last = await bench.update(transaction, "ChargingStateChanged", last)
        equal(last.params["transaction_info"]["charging_state"], state, "chargingState")
    equal(stage.books.statuses[1], "Occupied", "status")
    await bench.finish(transaction)
    equal(transaction.faults(), [], "faults")


@topic.scenario("two EVSEs charge at the same time")
async def two_evses(stage):
    bench = stage.bench
    one = await bench.charge(1, Tokens.DRIVER)
    two = await bench.charge(2, Tokens.STRANGER)
    holds(one.id != two.id, "one transaction for both")
    await bench.finish(two, Tokens.STRANGER)
    equal(stage.books.ended(), [two.id], "ended transactions")
    await bench.finish(one, Tokens.DRIVER)
