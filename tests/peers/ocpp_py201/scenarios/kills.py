"""The program killed at random moments, again and again, as power kills a charging station."""

import asyncio
import os
import random

from bench import IDLE
from books import Tokens
from checks import equal, holds, none
from topic import Topic

#: More of them, and other moments, by hand.
KILLS = int(os.environ.get("KILLS", 10))
SEED = int(os.environ.get("KILLS_SEED", 201))
DELIVERY_S = 20.0

topic = Topic("kills", as_found=True)


def story(chance):
    """What drivers do in one life."""
    for _ in range(3):
        for evse in (1, 2):
            yield f"plug {evse}"
            yield f"tag {evse} {Tokens.DRIVER}"
            if chance.random() < 0.25:
                yield "link down"
            yield f"wait 0.{chance.randrange(60):03}"
        yield "link up"
        for evse in (1, 2):
            yield f"tag {evse} {Tokens.DRIVER}"
            yield f"wait 0.{chance.randrange(60):03}"
            if chance.random() < 0.5:
                yield f"unplug {evse}"


@topic.scenario("every transaction is told from its start to its end, once")
async def killed_again_and_again(stage):
    chance = random.Random(SEED)
    await stage.point.kill()
    known = set(stage.books.transactions)
    told = set()
    for life in range(KILLS):
        since = stage.point.events.mark
        await stage.start()
        for command in story(chance):
            stage.point.tell(command)
        # One life in four is long enough for a sample.
        await asyncio.sleep(chance.uniform(0.05, 1.5 if life % 4 == 0 else 0.4))
        await stage.point.kill()
        told |= {
            event.transactionId
            for event in stage.point.events.since(since)
            if event.event == "transaction" and event.state == "started"
        }
    stage.point.plugged.clear()
    connections = stage.system.connections.mark
    await stage.start()
    await stage.system.connection(connections)
    for evse in (1, 2):
        stage.point.tell(f"unplug {evse}")
    async with asyncio.timeout(DELIVERY_S):
        while told - set(stage.books.transactions) or stage.books.open:
            await asyncio.sleep(0.05)
    await stage.books.until_statuses(IDLE)
    await stage.bench.caught_up()

    transactions = [one for one in stage.books.transactions.values() if one.id not in known]
    holds(len(transactions) >= KILLS, f"{len(transactions)} transactions only")
    none(fault for transaction in transactions for fault in transaction.faults())
    equal(sorted(told - {one.id for one in transactions}), [], "transactions not heard of")
    cut_off = [one for one in transactions if one.reported("stopped_reason") == ["PowerLoss"]]
    print(f"     {KILLS} kills, {len(transactions)} transactions, {len(cut_off)} of them cut off")
