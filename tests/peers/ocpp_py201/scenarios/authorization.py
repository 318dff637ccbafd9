from books import Tokens
from checks import equal
from topic import Topic

topic = Topic("authorization")


async def starts_nothing(stage, token):
    """Presents a token that Authorize refuses at a plugged connector."""
    await stage.bench.plug(1)
    stage.point.tell(f"tag 1 {token}")
    await stage.books.until("Authorize")
    await stage.bench.caught_up()
    equal(stage.books.started(), [], "transactions")
    await stage.bench.unplug(1)


@topic.scenario("an Invalid token starts nothing")
async def invalid(stage):
    await starts_nothing(stage, Tokens.INVALID)


@topic.scenario("a Blocked token starts nothing")
async def blocked(stage):
    await starts_nothing(stage, Tokens.BLOCKED)


@topic.scenario("a token refused by the answer to Started is stopped: DeAuthorized")
async def refused_at_start(stage):
    await stage.bench.plug(1)
    stage.point.tell(f"tag 1 {Tokens.REFUSED_AT_START}")
    transaction = await stage.books.until_started(1, Tokens.REFUSED_AT_START)
    await stage.bench.stopped(transaction, "DeAuthorized", "Deauthorized")
    await stage.bench.unplug(1)
    equal(transaction.faults(), [], "faults")


@topic.scenario("the same token in other letter case stops a session")
async def other_case(stage):
    transaction = await stage.bench.charge(1)
    await stage.bench.finish(transaction, Tokens.DRIVER.upper())


@topic.scenario("a token of the same group stops a session")
async def same_group(stage):
    transaction = await stage.bench.charge(1)
    await stage.bench.finish(transaction, Tokens.PARTNER)


@topic.scenario("a foreign token does not stop a session")
async def foreign(stage):
    transaction = await stage.bench.charge(1)
    stage.point.tell(f"tag 1 {Tokens.STRANGER}")
    await stage.bench.caught_up()
    equal(stage.books.ended(), [], "ended transactions")
    await stage.bench.finish(transaction)
