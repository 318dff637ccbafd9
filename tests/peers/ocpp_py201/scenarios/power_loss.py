"""The program ended in a session, and started again in the same folder."""

from bench import IDLE
from books import Tokens
from checks import equal, holds
from topic import Topic

topic = Topic("power loss", as_found=True)


async def restarted(stage, connections):
    """Waits until it has booted again and said what it has to say."""
    await stage.system.connection(connections)
    await stage.books.until("BootNotification")
    for evse in (1, 2):
        await stage.books.until("StatusNotification", evse_id=evse)
    await stage.bench.caught_up()
    await stage.bench.configure()


async def ended_once(stage, transaction):
    """It ended because of the power loss: once, with the next seqNo."""
    await stage.bench.stopped(transaction, "PowerLoss", "AbnormalCondition")
    await stage.bench.caught_up()
    equal(stage.books.ended(), [transaction.id], "ended transactions")
    equal(transaction.faults(), [], "faults")


async def killed(stage):
    """Killed, as power kills it; started again in its folder."""
    connections = stage.system.connections.mark
    await stage.point.kill()
    await stage.start()
    await restarted(stage, connections)


@topic.scenario("everything in RAM is lost: the transaction ends once, with PowerLoss")
async def in_ram(stage):
    await stage.bench.idle()
    transaction = await stage.bench.charge(1)
    await stage.bench.update(transaction, "MeterValuePeriodic")
    stage.books.start_scenario()
    connections = stage.system.connections.mark
    stage.point.tell("power-loss")
    await restarted(stage, connections)
    await ended_once(stage, transaction)
    equal(stage.books.all("BootNotification")[0].params["reason"], "PowerUp", "reason")
    await stage.bench.unplug(1)


@topic.scenario("killed while it charges: the transaction ends once, with PowerLoss")
async def killed_while_charging(stage):
    await stage.bench.idle()
    transaction = await stage.bench.charge(1)
    await stage.bench.update(transaction, "MeterValuePeriodic")
    stage.books.start_scenario()
    await killed(stage)
    await ended_once(stage, transaction)
    equal(stage.books.all("BootNotification")[0].params["reason"], "PowerUp", "reason")
    await stage.bench.unplug(1)


@topic.scenario("killed in a session offline: all of it is delivered, once")
async def killed_offline(stage):
    bench, point = stage.bench, stage.point
    await bench.idle()
    await bench.finish(await bench.charge(2))
    stage.books.start_scenario()
    since = point.events.mark
    point.tell("link down")
    await point.until("disconnected", since)
    point.tell("plug 2")
    point.tell(f"tag 2 {Tokens.DRIVER}")
    await point.until("transaction", since, connector=2, state="started")
    await killed(stage)
    transaction = await stage.books.until_started(2, Tokens.DRIVER)
    await ended_once(stage, transaction)
    equal(transaction.start.params.get("offline"), True, "offline of the start")
    await bench.unplug(2)


@topic.scenario("killed when a session has ended: nothing is told again")
async def killed_afterwards(stage):
    await stage.bench.idle()
    await stage.bench.finish(await stage.bench.charge(1))
    await stage.bench.caught_up()
    stage.books.start_scenario()
    await killed(stage)
    equal(stage.books.all("TransactionEvent"), [], "TransactionEvents")
    await stage.books.until_statuses(IDLE)


@topic.scenario("reboot ends the transaction: Reboot")
async def reboot(stage):
    await stage.bench.idle()
    transaction = await stage.bench.charge(1)
    connections = stage.system.connections.mark
    stage.books.start_scenario()
    stage.point.tell("reboot")
    await restarted(stage, connections)
    ended = await stage.books.until_event(
        transaction, lambda event: event["event_type"] == "Ended", what="end"
    )
    equal(ended.params["transaction_info"]["stopped_reason"], "Reboot", "stoppedReason")
    equal(stage.books.all("BootNotification")[0].params["reason"], "LocalReset", "reason")
    equal(transaction.faults(), [], "faults")
    await stage.bench.unplug(1)


@topic.scenario("quit ends the transaction, and the program with exit code 0")
async def quit_command(stage):
    await stage.bench.idle()
    transaction = await stage.bench.charge(1)
    stage.point.tell("quit")
    await stage.bench.stopped(transaction, "Local", "StopAuthorized")
    equal(await stage.point.exit_code(10.0), 0, "exit code")
    holds(not stage.books.open, "a transaction is open")
