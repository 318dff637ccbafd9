import asyncio
from datetime import datetime, timedelta, timezone

from books import Tokens
from checks import equal, holds
from frame_log import CALLRESULT
from topic import Topic
from transaction import utc

#: Long enough for two readings of the meter, which is read every second.
OFFLINE_READINGS_S = 2.3
#: How far the two clocks may be apart.
CLOCKS = timedelta(seconds=0.3)

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
    """Waits until the charging station has read the answer to that CALL."""

    def is_answer(event):
        prefix = f'[{CALLRESULT},"{entry.id}"'
        return event.event == "frame" and event.dir == "in" and event.text.startswith(prefix)

    await stage.point.events.until(is_answer, what="answer")


def check_offline(transaction, down, up):
    """Events of the time without a connection say so, and no others do."""
    for entry in transaction.events:
        params, at = entry.params, utc(entry.params["timestamp"])
        what = f"offline of event {params['seq_no']}"
        if down + CLOCKS < at < up - CLOCKS:
            equal(params.get("offline"), True, what)
        elif at < down - CLOCKS or at > up + CLOCKS:
            equal(params.get("offline", False), False, what)


def now():
    return datetime.now(timezone.utc)


@topic.scenario("a session that ends offline is delivered in order, once, without a boot")
async def ends_offline(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    transaction = await bench.charge(1)
    point.tell("power 1 11000")
    await answered(stage, await bench.update(transaction, "MeterValuePeriodic"))

    connections, down = await link_down(stage), now()
    told = len(transaction.events)
    await asyncio.sleep(OFFLINE_READINGS_S)
    since = point.events.mark
    point.tell(f"tag 1 {Tokens.DRIVER}")
    await point.until("transaction", since, connector=1, state="stopped")
    equal(books.ended(), [], "ended transactions while offline")
    await link_up(stage, connections)
    up = now()

    ended = await bench.stopped(transaction, "Local", "StopAuthorized")
    await bench.caught_up()
    equal(ended.params["id_token"]["id_token"], Tokens.DRIVER, "idToken")
    equal(books.all("BootNotification"), [], "BootNotifications")
    equal(books.ended(), [transaction.id], "ended transactions")
    holds(len(transaction.events) > told + 1, "no readings from the time offline")
    equal(ended.params.get("offline"), True, "offline of the end")
    check_offline(transaction, down, up)
    equal(transaction.faults(), [], "faults")
    await bench.unplug(1)


@topic.scenario("a session that goes on over a loss of the connection has no gap")
async def goes_on(stage):
    bench, point = stage.bench, stage.point
    transaction = await bench.charge(1)
    await answered(stage, await bench.update(transaction, "MeterValuePeriodic"))
    connections, down = await link_down(stage), now()
    await asyncio.sleep(OFFLINE_READINGS_S / 2)
    await link_up(stage, connections)
    up = now()
    await bench.caught_up()
    last = transaction.events[-1]
    await bench.update(transaction, "MeterValuePeriodic", last)
    await bench.finish(transaction)
    check_offline(transaction, down, up)
    equal(transaction.faults(), [], "faults")


@topic.scenario("a whole session offline, with a token in the cache, is delivered once")
async def whole_session_offline(stage):
    bench, books, point = stage.bench, stage.books, stage.point
    await bench.finish(await bench.charge(1))
    books.start_scenario()

    connections = await link_down(stage)
    since = point.events.mark
    point.tell("plug 1")
    point.tell(f"tag 1 {Tokens.DRIVER}")
    await point.until("transaction", since, connector=1, state="started")
    point.tell(f"tag 1 {Tokens.DRIVER}")
    await point.until("transaction", since, connector=1, state="stopped")
    await link_up(stage, connections)

    transaction = await books.until_started(1, Tokens.DRIVER)
    await bench.stopped(transaction, "Local", "StopAuthorized")
    await bench.caught_up()
    equal((books.started(), books.ended()), ([transaction.id], [transaction.id]), "transactions")
    offline = [entry.params.get("offline") for entry in transaction.events]
    equal(offline, [True] * len(offline), "offline")
    equal(transaction.faults(), [], "faults")
    await books.until_statuses({1: "Occupied"})
    await bench.unplug(1)


@topic.scenario("a status that changed offline is reported, one that did not is not")
async def status_offline(stage):
    books = stage.books
    # A report whose answer has not arrived would rightly be told again.
    await stage.bench.caught_up()
    connections = await link_down(stage)
    stage.point.tell("plug 2")
    await stage.point.caught_up()
    await link_up(stage, connections)
    await stage.bench.status(2, "Occupied")
    await stage.bench.caught_up()
    equal(books.all("BootNotification"), [], "BootNotifications")
    equal(books.all("StatusNotification", evse_id=1), [], "reports of EVSE 1")
    await stage.bench.unplug(2)
