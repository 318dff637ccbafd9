"""The first connection: refused, then on probation, then accepted."""

import asyncio
from urllib.parse import unquote

from bench import id_token
from books import Tokens
from checks import equal, holds
from ocpp.v201 import call
from topic import Topic

RETRY_S = 2

topic = Topic("boot", as_found=True)


async def next_boot(stage, after=None):
    return await stage.books.until("BootNotification", after, within=RETRY_S + 4)


@topic.scenario("the handshake offers ocpp2.0.1 and the percent-encoded identity")
async def handshake(stage):
    stage.books.registrations = [("Rejected", RETRY_S), ("Pending", RETRY_S)]
    await stage.start()
    connection = await stage.system.connection(0)
    request = connection.websocket.request
    equal(request.path.upper(), "/OCPP/CS%207%2F%C3%A4", "path")
    equal(unquote(request.path.rsplit("/", 1)[1]), stage.identity, "identity")
    equal(request.headers["Sec-WebSocket-Protocol"], "ocpp2.0.1", "offered subprotocol")
    equal(connection.websocket.subprotocol, "ocpp2.0.1", "subprotocol")
    await stage.point.until("connected")
    boot = await stage.books.calls.until(lambda _: True, what="CALL")
    equal(boot.action, "BootNotification", "first CALL")
    equal(boot.params["reason"], "PowerUp", "reason")
    holds(boot.params["charging_station"]["vendor_name"], "no vendor")
    holds(boot.params["charging_station"]["model"], "no model")


@topic.scenario("Rejected: it says nothing, and refuses requests, until the interval is over")
async def rejected(stage):
    books = stage.books
    first = books.calls.entries[0]
    await stage.point.until("registered", status="Rejected")
    code = await stage.system.refusal(call.ClearCache())
    equal(code, "SecurityError", "error code")
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    second = await next_boot(stage, first)
    equal([entry.action for entry in books.calls.entries[:2]], ["BootNotification"] * 2, "CALLs")
    holds(loop.time() - asked_at > RETRY_S / 2, "it did not wait")
    equal(second.answer.status, "Pending", "status")


@topic.scenario("Pending: it answers, starts nothing, and sends what is asked for")
async def pending(stage):
    await stage.point.until("registered", status="Pending")
    request = call.ClearCache()
    equal((await stage.system.call(request)).status, "Accepted", "status of ClearCache")
    request = call.RequestStartTransaction(
        id_token=id_token(Tokens.DRIVER), remote_start_id=1, evse_id=1
    )
    equal((await stage.system.call(request)).status, "Rejected", "status of the remote start")
    request = call.TriggerMessage(requested_message="Heartbeat")
    equal((await stage.system.call(request)).status, "Accepted", "status of the trigger")
    await stage.books.until("Heartbeat")
    calls = {entry.action for entry in stage.books.calls.entries}
    equal(calls, {"BootNotification", "Heartbeat"}, "actions of CALLs")


@topic.scenario("Accepted: the connector of each EVSE is reported Available, and nothing of a whole")
async def accepted(stage):
    books = stage.books
    await next_boot(stage)
    await stage.point.until("registered", status="Accepted")
    await books.until_statuses({1: "Available", 2: "Available"})
    await stage.bench.caught_up()
    reports = [entry.params for entry in books.calls.entries if "evse_id" in entry.params]
    equal([(one["evse_id"], one["connector_id"]) for one in reports], [(1, 1), (2, 1)], "reports")
    equal(len(stage.system.connections.entries), 1, "number of connections")
