from books import Tokens
from checks import equal, holds
from ocpp.v201 import call
from topic import Topic

topic = Topic("reset")


async def ask(stage, wanted, kind, evse=None):
    answer = await stage.system.call(call.Reset(type=kind, evse_id=evse))
    equal(answer.status, wanted, "status")


async def boots(stage, connections):
    """It introduces itself on the next connection before it says anything else."""
    books = stage.books
    connection = (await stage.system.connection(connections)).index
    first = await books.calls.until(
        lambda entry: entry.connection == connection, books.scenario_start, what="CALL"
    )
    equal(first.action, "BootNotification", "first CALL")
    for evse in (1, 2):
        await books.until("StatusNotification", first, evse_id=evse)
    return first


@topic.scenario("immediate, idle: it boots again, with its settings and what is out of service")
async def immediate_idle(stage):
    request = call.ChangeAvailability(operational_status="Inoperative", evse={"id": 2})
    equal((await stage.system.call(request)).status, "Accepted", "status of ChangeAvailability")
    await stage.bench.status(2, "Unavailable")
    connections = stage.system.connections.mark
    await ask(stage, "Accepted", "Immediate")
    first = await boots(stage, connections)
    await stage.bench.status(2, "Unavailable", first)
    equal(first.params["reason"], "RemoteReset", "reason")
    equal(stage.books.all("TransactionEvent"), [], "TransactionEvents")
    if stage.bench.has_variables:
        equal(await stage.bench.get("SampledDataCtrlr", "TxUpdatedInterval"), "1")
    request = call.ChangeAvailability(operational_status="Operative", evse={"id": 2})
    equal((await stage.system.call(request)).status, "Accepted", "status of ChangeAvailability")
    await stage.bench.status(2, "Available", first)


@topic.scenario("immediate, while charging: the transaction ends once, and it boots")
async def immediate_while_charging(stage):
    transaction = await stage.bench.charge(1)
    connections = stage.system.connections.mark
    await ask(stage, "Accepted", "Immediate")
    first = await boots(stage, connections)
    equal(first.params["reason"], "RemoteReset", "reason")
    await stage.bench.stopped(transaction, "ImmediateReset", "ResetCommand")
    await stage.bench.caught_up()
    equal(stage.books.ended(), [transaction.id], "ended transactions")
    equal(transaction.faults(), [], "faults")


@topic.scenario("on idle, while charging: it waits for the end, and nothing else begins")
async def on_idle_while_charging(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    transaction = await bench.charge(1)
    connections = stage.system.connections.mark
    await ask(stage, "Scheduled", "OnIdle")
    await bench.plug(2)
    point.tell(f"tag 2 {Tokens.STRANGER}")
    await bench.caught_up()
    equal((books.started(), books.ended()), ([transaction.id], []), "transactions")
    equal(stage.system.connections.mark, connections, "number of connections")
    point.tell(f"tag 1 {Tokens.DRIVER}")
    ended = await bench.stopped(transaction, "Local", "StopAuthorized")
    first = await boots(stage, connections)
    holds(ended.index < first.index, "it did not wait for the end")
    equal(first.params["reason"], "ScheduledReset", "reason")


@topic.scenario("on idle, idle: it boots again, and says why")
async def on_idle(stage):
    connections = stage.system.connections.mark
    await ask(stage, "Accepted", "OnIdle")
    first = await boots(stage, connections)
    equal(first.params["reason"], "RemoteReset", "reason")


@topic.scenario("of one EVSE: rejected")
async def one_evse(stage):
    connections = stage.system.connections.mark
    await ask(stage, "Rejected", "Immediate", 1)
    await stage.bench.caught_up()
    equal(stage.system.connections.mark, connections, "number of connections")
