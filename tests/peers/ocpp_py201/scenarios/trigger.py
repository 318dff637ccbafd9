from checks import equal, holds
from ocpp.v201 import call
from topic import Topic
from transaction import contexts

CONNECTOR_1 = {"id": 1, "connector_id": 1}

topic = Topic("trigger")


async def ask(stage, wanted, message, evse=None):
    request = call.TriggerMessage(requested_message=message, evse=evse)
    equal((await stage.system.call(request)).status, wanted, "status")


async def follows(stage, message, evse=None):
    """It is accepted, and the message follows the answer."""
    since = stage.frames.mark
    await ask(stage, "Accepted", message, evse)
    where = {"evse_id": evse["id"]} if evse else {}
    entry = await stage.books.until(message, **where)
    holds(
        stage.system.answered_before("TriggerMessage", message, since),
        "the message came before the answer",
    )
    return entry


@topic.scenario("StatusNotification of a connector")
async def status_of_one(stage):
    entry = await follows(stage, "StatusNotification", CONNECTOR_1)
    equal(entry.params["connector_status"], "Available", "status")
    await stage.bench.caught_up()
    equal(stage.books.all("StatusNotification", evse_id=2), [], "reports of EVSE 2")


@topic.scenario("Heartbeat")
async def heartbeat(stage):
    await follows(stage, "Heartbeat")


@topic.scenario("MeterValues of an EVSE")
async def meter_values(stage):
    entry = await follows(stage, "MeterValues", {"id": 1})
    for meter_value in entry.params["meter_value"]:
        equal(contexts(meter_value), {"Trigger"}, "context")


@topic.scenario("TransactionEvent of a transaction")
async def transaction_event(stage):
    transaction = await stage.bench.charge(1)
    await ask(stage, "Accepted", "TransactionEvent", {"id": 1})
    event = await stage.bench.update(transaction, "Trigger")
    equal(event.params["transaction_info"].get("charging_state"), "Charging", "chargingState")
    await stage.bench.finish(transaction)
    equal(transaction.faults(), [], "faults")
    values = event.params.get("meter_value", [])
    equal([contexts(one) for one in values], [{"Trigger"}], "contexts")


@topic.scenario("TransactionEvent without a transaction: nothing follows")
async def no_transaction(stage):
    request = call.TriggerMessage(requested_message="TransactionEvent", evse={"id": 1})
    await stage.system.call(request)
    await stage.bench.caught_up()
    equal(stage.books.all("TransactionEvent"), [], "TransactionEvents")


@topic.scenario("BootNotification, which was accepted on this connection: Rejected")
async def boot_notification_again(stage):
    await stage.bench.caught_up()
    await ask(stage, "Rejected", "BootNotification")
    await stage.bench.caught_up()
    equal(stage.books.all("BootNotification"), [], "BootNotifications")


@topic.scenario("messages that may not be there: told, or NotImplemented")
async def not_implemented(stage):
    for message in (
        "FirmwareStatusNotification",
        "LogStatusNotification",
        "SignChargingStationCertificate",
        "SignV2GCertificate",
        "PublishFirmwareStatusNotification",
    ):
        request = call.TriggerMessage(requested_message=message)
        status = (await stage.system.call(request)).status
        holds(status in ("Accepted", "Rejected", "NotImplemented"), f"{message}: {status}")
    await stage.bench.caught_up()


@topic.scenario("rejected for an unknown EVSE")
async def unknown_evse(stage):
    await ask(stage, "Rejected", "StatusNotification", {"id": 9, "connector_id": 1})
    await stage.bench.caught_up()
    equal(stage.books.all("StatusNotification"), [], "StatusNotifications")
