from checks import equal, holds
from ocpp.v16 import call
from readings import contexts
from topic import Topic

topic = Topic("trigger")


async def ask(stage, wanted, message, connector=None):
    request = call.TriggerMessage(requested_message=message, connector_id=connector)
    equal((await stage.system.call(request)).status, wanted, "status")


async def follows(stage, message, connector=None):
    """It is accepted, and the message follows the answer."""
    since = stage.frames.mark
    await ask(stage, "Accepted", message, connector)
    where = {} if connector is None else {"connector_id": connector}
    entry = await stage.books.until(message, **where)
    holds(
        stage.system.answered_before("TriggerMessage", message, since),
        "the message came before the answer",
    )
    return entry


@topic.scenario("StatusNotification of connector 1")
async def status_of_one(stage):
    entry = await follows(stage, "StatusNotification", 1)
    equal(entry.params["status"], "Available", "status")


@topic.scenario("StatusNotification of every connector")
async def status_of_all(stage):
    await follows(stage, "StatusNotification")
    for connector in (0, 1, 2):
        await stage.books.until("StatusNotification", connector_id=connector)


@topic.scenario("Heartbeat")
async def heartbeat(stage):
    await follows(stage, "Heartbeat")


@topic.scenario("MeterValues of connector 1")
async def meter_values(stage):
    entry = await follows(stage, "MeterValues", 1)
    holds("transaction_id" not in entry.params, "there is no transaction")
    for meter_value in entry.params["meter_value"]:
        equal(contexts(meter_value), {"Trigger"}, "context")


@topic.scenario("MeterValues of connector 1 while charging")
async def meter_values_while_charging(stage):
    start = await stage.bench.charge(1)
    await ask(stage, "Accepted", "MeterValues", 1)

    def triggered(entry):
        return entry.action == "MeterValues" and any(
            contexts(meter_value) == {"Trigger"} for meter_value in entry.params["meter_value"]
        )

    entry = await stage.books.calls.until(triggered, start.index, what="triggered MeterValues")
    equal(entry.params["transaction_id"], start.answer.transaction_id, "transactionId")
    await stage.bench.finish(1, start)


@topic.scenario("BootNotification, which was accepted on this connection: Rejected")
async def boot_notification_again(stage):
    # Whatever went before: what it allowed is used up then.
    await stage.system.call(call.TriggerMessage(requested_message="BootNotification"))
    await stage.bench.caught_up()
    boots = len(stage.books.all("BootNotification"))
    await ask(stage, "Rejected", "BootNotification")
    await stage.bench.caught_up()
    equal(len(stage.books.all("BootNotification")), boots, "BootNotifications")


@topic.scenario("BootNotification on a connection made anew")
async def boot_notification(stage):
    connections = stage.system.connections.mark
    stage.point.tell("link down")
    stage.point.tell("link up")
    await stage.system.connection(connections)
    await stage.bench.caught_up()
    await follows(stage, "BootNotification")
    await stage.bench.caught_up()


@topic.scenario("FirmwareStatusNotification and DiagnosticsStatusNotification of an idle charge point")
async def idle_statuses(stage):
    for message in ("FirmwareStatusNotification", "DiagnosticsStatusNotification"):
        entry = await follows(stage, message)
        equal(entry.params, {"status": "Idle"}, message)


@topic.scenario("rejected for unknown connector")
async def unknown_connector(stage):
    await ask(stage, "Rejected", "StatusNotification", 9)
    await stage.bench.caught_up()
    equal(stage.books.all("StatusNotification"), [], "StatusNotifications")
