from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

NO_SUCH_TRANSACTION = 999999

topic = Topic("remote stop")


async def ask(stage, wanted, transaction_id):
    answer = await stage.system.call(call.RemoteStopTransaction(transaction_id=transaction_id))
    equal(answer.status, wanted, "status")


@topic.scenario("ends the transaction: Remote, without a tag")
async def ends_it(stage):
    start = await stage.bench.charge(1)
    await ask(stage, "Accepted", start.answer.transaction_id)
    stop = await stage.bench.stopped(start, "Remote")
    holds("id_tag" not in stop.params, "no tag stopped it")
    holds(stop.params["meter_stop"] >= start.params["meter_start"], "meterStop below meterStart")
    await stage.bench.status(1, "Finishing")
    await stage.bench.unplug(1)


@topic.scenario("rejected for an unknown transaction, which changes nothing")
async def unknown(stage):
    start = await stage.bench.charge(1)
    await ask(stage, "Rejected", NO_SUCH_TRANSACTION)
    await stage.bench.caught_up()
    equal(stage.books.all("StopTransaction"), [], "StopTransactions")
    await stage.bench.finish(1, start)


@topic.scenario("rejected for a transaction that is over")
async def over(stage):
    start = await stage.bench.charge(1)
    await stage.bench.finish(1, start)
    await ask(stage, "Rejected", start.answer.transaction_id)
