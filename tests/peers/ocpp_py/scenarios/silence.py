import asyncio

from books import Tags
from checks import equal
from topic import Topic

topic = Topic("silence")


@topic.scenario("a late answer to a stop counts, and the stop is not sent again")
async def late_answer(stage):
    bench, books = stage.bench, stage.books
    connections = stage.system.connections.mark
    start = await bench.charge(1)
    await bench.caught_up()
    await bench.set("MessageTimeout", "1")
    books.delays["StopTransaction"] = 1.5
    stage.point.tell(f"tag 1 {Tags.DRIVER}")
    await bench.stopped(start, "Local")
    await asyncio.sleep(2)
    await bench.set("MessageTimeout", "30")
    await bench.unplug(1)
    await bench.caught_up()
    equal(len(books.all("StopTransaction")), 1, "number of StopTransactions")
    equal(stage.system.connections.mark, connections, "number of connections")
