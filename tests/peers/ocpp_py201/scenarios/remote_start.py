from itertools import count

from bench import id_token
from books import Tokens
from checks import equal, holds
from ocpp.v201 import call
from topic import Topic

#: As many characters as an idToken may have.
LONG = "0123456789-abcdefghijklmnopqrstuvwxy"

remote_start_ids = count(70)

topic = Topic("remote start")


async def ask(stage, wanted, token=Tokens.DRIVER, kind="ISO14443", **request):
    """Returns the remoteStartId."""
    number = next(remote_start_ids)
    answer = await stage.system.call(
        call.RequestStartTransaction(
            id_token=id_token(token, kind), remote_start_id=number, **request
        )
    )
    equal(answer.status, wanted, "status")
    return number


async def runs_and_stops(stage, evse, number, trigger, token=Tokens.DRIVER):
    """Waits for the session at that EVSE, then ends it with the token."""
    transaction = await stage.books.until_started(evse, token)
    equal(transaction.start.params["trigger_reason"], trigger, "triggerReason")
    equal(transaction.reported("remote_start_id")[:1], [number], "remoteStartId")
    await stage.bench.charging(transaction)
    await stage.bench.finish(transaction, token)
    equal(transaction.faults(), [], "faults")
    return transaction


@topic.scenario("with an EVSE, cable first")
async def cable_first(stage):
    await stage.bench.plug(1)
    number = await ask(stage, "Accepted", evse_id=1)
    await runs_and_stops(stage, 1, number, "RemoteStart")


@topic.scenario("with an EVSE, cable later")
async def cable_later(stage):
    number = await ask(stage, "Accepted", evse_id=2)
    await stage.bench.caught_up()
    equal(stage.books.started(), [], "transactions")
    stage.point.tell("plug 2")
    await runs_and_stops(stage, 2, number, "CablePluggedIn")


@topic.scenario("without an EVSE it starts where the cable is, or is rejected")
async def without_evse(stage):
    await stage.bench.plug(2)
    request = call.RequestStartTransaction(
        id_token=id_token(Tokens.DRIVER), remote_start_id=next(remote_start_ids)
    )
    answer = await stage.system.call(request)
    if answer.status == "Accepted":
        await runs_and_stops(stage, 2, request.remote_start_id, "RemoteStart")
    else:
        await stage.bench.unplug(2)


@topic.scenario("with an idToken of 36 characters and another type, which is told")
async def long_token(stage):
    await stage.bench.plug(1)
    await ask(stage, "Accepted", LONG, "Central", evse_id=1)
    transaction = await stage.books.until_started(1, LONG)
    equal(transaction.start.params["id_token"]["type"], "Central", "type of the idToken")
    request = call.RequestStopTransaction(transaction_id=transaction.id)
    equal((await stage.system.call(request)).status, "Accepted", "status of the stop")
    await stage.bench.stopped(transaction, "Remote", "RemoteStop")
    await stage.bench.unplug(1)


@topic.scenario("asks before it starts when AuthorizeRemoteStart is true")
async def asks_first(stage):
    await stage.bench.set("AuthCtrlr", "AuthorizeRemoteStart", "true")
    await stage.bench.plug(1)
    number = await ask(stage, "Accepted", evse_id=1)
    authorize = await stage.books.until("Authorize")
    transaction = await runs_and_stops(stage, 1, number, "RemoteStart")
    holds(authorize.index < transaction.start.index, "Started before Authorize")
    await stage.bench.set("AuthCtrlr", "AuthorizeRemoteStart", "false")


@topic.scenario("starts nothing for a refused token when AuthorizeRemoteStart is true")
async def asks_and_is_refused(stage):
    await stage.bench.set("AuthCtrlr", "AuthorizeRemoteStart", "true")
    await stage.bench.plug(1)
    await ask(stage, "Accepted", Tokens.BLOCKED, evse_id=1)
    await stage.books.until("Authorize")
    await stage.bench.caught_up()
    equal(stage.books.started(), [], "transactions")
    await stage.bench.unplug(1)
    await stage.bench.set("AuthCtrlr", "AuthorizeRemoteStart", "false")


@topic.scenario("starts without asking when AuthorizeRemoteStart is false")
async def without_asking(stage):
    await stage.bench.plug(1)
    number = await ask(stage, "Accepted", Tokens.STRANGER, evse_id=1)
    transaction = await stage.books.until_started(1, Tokens.STRANGER)
    await stage.bench.charging(transaction)
    equal(stage.books.all("Authorize"), [], "Authorize requests")
    await runs_and_stops(stage, 1, number, "RemoteStart", Tokens.STRANGER)


@topic.scenario("rejected for an unknown EVSE")
async def unknown_evse(stage):
    await ask(stage, "Rejected", evse_id=9)
    await stage.bench.caught_up()
    equal(stage.books.started(), [], "transactions")


@topic.scenario("rejected while that EVSE charges")
async def while_charging(stage):
    transaction = await stage.bench.charge(1)
    await ask(stage, "Rejected", Tokens.STRANGER, evse_id=1)
    await stage.bench.caught_up()
    equal(stage.books.started(), [transaction.id], "transactions")
    await stage.bench.finish(transaction)
