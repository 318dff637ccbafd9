from books import Tokens
from checks import equal
from topic import Topic

#: What a transaction is in while the station offers nothing.
NO_ENERGY = ("SuspendedEVSE", "EVConnected")

topic = Topic("status")


@topic.scenario("a fault of an idle EVSE: Faulted, then Available")
async def idle_fault(stage):
    stage.point.tell("fault 2 GroundFailure")
    await stage.bench.status(2, "Faulted")
    stage.point.tell("clear 2")
    await stage.bench.status(2, "Available")
    await stage.bench.caught_up()
    equal(stage.books.all("StatusNotification", evse_id=1), [], "reports of EVSE 1")


@topic.scenario("a fault of the whole station: both are Faulted")
async def whole_fault(stage):
    stage.point.tell("fault 0 InternalError")
    try:
        await stage.books.until_statuses({1: "Faulted", 2: "Faulted"})
    finally:
        stage.point.tell("clear 0")
    await stage.books.until_statuses({1: "Available", 2: "Available"})


@topic.scenario("a fault in a transaction holds the energy back, or ends it: AbnormalCondition")
async def fault_in_transaction(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    transaction = await bench.charge(1)
    since = books.last()
    point.tell("fault 1 GroundFailure")
    await bench.status(1, "Faulted")
    await bench.caught_up()
    if transaction.ended:
        equal(transaction.ended.params["trigger_reason"], "AbnormalCondition", "triggerReason")
    else:
        await books.until_event(
            transaction,
            lambda event: event["transaction_info"].get("charging_state") in NO_ENERGY,
            since,
            f"chargingState of {NO_ENERGY}",
        )
    point.tell("clear 1")
    await bench.status(1, "Occupied", since)
    if not transaction.ended:
        point.tell(f"tag 1 {Tokens.DRIVER}")
        await bench.stopped(transaction, "Local", "StopAuthorized")
    await bench.unplug(1)
    equal(transaction.faults(), [], "faults")
