from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

topic = Topic("reset")


async def reset(stage, kind):
    """Resets; returns the number of the connection that follows."""
    connections = stage.system.connections.mark
    equal((await stage.system.call(call.Reset(type=kind))).status, "Accepted", "status")
    return (await stage.system.connection(connections)).index


async def boots(stage, connection):
    """The charge point introduces itself on that connection before it says anything else."""
    books = stage.books
    first = await books.calls.until(
        lambda entry: entry.connection == connection, books.scenario_start, what="CALL"
    )
    equal(first.action, "BootNotification", "first CALL")
    for connector in (0, 1, 2):
        await books.until("StatusNotification", first, connector_id=connector)
    return first


@topic.scenario("hard, idle: it boots again")
async def hard_idle(stage):
    await boots(stage, await reset(stage, "Hard"))
    equal(stage.books.all("StopTransaction"), [], "StopTransactions")


@topic.scenario("soft, while charging: SoftReset is reported, then it boots")
async def soft_while_charging(stage):
    start = await stage.bench.charge(1)
    connection = await reset(stage, "Soft")
    stop = await stage.bench.stopped(start, "SoftReset")
    holds(stop.connection < connection, "reported only after the reset")
    await boots(stage, connection)
    await stage.bench.caught_up()
    equal(len(stage.books.all("StopTransaction")), 1, "number of StopTransactions")


@topic.scenario("hard, while charging: it boots, then HardReset is reported")
async def hard_while_charging(stage):
    start = await stage.bench.charge(1)
    connection = await reset(stage, "Hard")
    boot = await boots(stage, connection)
    stop = await stage.bench.stopped(start, "HardReset")
    holds(stop.index > boot.index, "reported before the boot")
    holds(stop.params["meter_stop"] >= start.params["meter_start"], "meterStop below meterStart")
    await stage.bench.caught_up()
    equal(len(stage.books.all("StopTransaction")), 1, "number of StopTransactions")
