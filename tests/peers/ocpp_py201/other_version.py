"""The same binary in the same folder with OCPP 1.6, at a central system of the package."""

import asyncio

from books import utc_now
from charge_point import ChargePoint
from checks import equal
from ocpp.routing import on
from ocpp.v16 import ChargePoint as PackageChargePoint
from ocpp.v16 import call_result
from ocpp.v16.enums import Action
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

WITHIN_S = 6.0


class Peer(PackageChargePoint):
    @on(Action.boot_notification)
    def on_boot_notification(self, **_):
        return call_result.BootNotification(utc_now(), 300, "Accepted")

    @on(Action.status_notification)
    def on_status_notification(self, **_):
        return call_result.StatusNotification()

    @on(Action.heartbeat)
    def on_heartbeat(self, **_):
        return call_result.Heartbeat(utc_now())


async def visit(binary, identity, storage, *requests):
    """Starts the binary, sends it these requests and ends it; returns its answers."""
    arrived = asyncio.get_running_loop().create_future()

    async def welcome(websocket):
        peer = Peer(identity, websocket, response_timeout=WITHIN_S)
        arrived.set_result(peer)
        try:
            await peer.start()
        except ConnectionClosed:
            pass

    point = ChargePoint()
    async with serve(welcome, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            options = ["--ocpp", "1.6", "--storage", storage]
            await point.start(binary, f"ws://127.0.0.1:{port}/ocpp", identity, *options)
            await point.until("registered", status="Accepted")
            peer = await asyncio.wait_for(arrived, WITHIN_S)
            answers = [await peer.call(request, suppress=False) for request in requests]
            errors = [event.message for event in point.events.entries if event.event == "error"]
            equal(errors, [], "errors")
            point.tell("quit")
            equal(await point.exit_code(WITHIN_S), 0, "exit code")
        finally:
            await point.kill()
    return answers
