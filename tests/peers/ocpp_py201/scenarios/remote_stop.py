from checks import equal, holds
from ocpp.v201 import call
from topic import Topic

topic = Topic("remote stop")


async def ask(stage, wanted, transaction_id):
    request = call.RequestStopTransaction(transaction_id=transaction_id)
    equal((await stage.system.call(request)).status, wanted, "status")


@topic.scenario("ends the transaction: Remote, without a token")
async def ends_it(stage):
    transaction = await stage.bench.charge(1)
    await ask(stage, "Accepted", transaction.id)
    ended = await stage.bench.stopped(transaction, "Remote", "RemoteStop")
    holds("id_token" not in ended.params, "no token stopped it")
    await stage.bench.caught_up()
    equal(stage.books.statuses[1], "Occupied", "status")
    await stage.bench.unplug(1)
    equal(transaction.faults(), [], "faults")


@topic.scenario("rejected for an unknown transaction, which changes nothing")
async def unknown(stage):
    transaction = await stage.bench.charge(1)
    for unknown in ("no-such-transaction", transaction.id + "0", "0" * 36):
        await ask(stage, "Rejected", unknown)
    await stage.bench.caught_up()
    equal(stage.books.ended(), [], "ended transactions")
    await stage.bench.finish(transaction)


@topic.scenario("rejected for a transaction that is over")
async def over(stage):
    transaction = await stage.bench.charge(1)
    await stage.bench.finish(transaction)
    await ask(stage, "Rejected", transaction.id)
