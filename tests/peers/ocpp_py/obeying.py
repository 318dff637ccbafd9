"""PyPI `ocpp` as a central system that obeys the orders of `charge-point test --hook URL`.

docs/scenarios.md has the orders. It prints {"csms": URL, "hook": URL} and ends with its standard input.
"""

import asyncio
import base64
import json
import logging
import sys
from http import HTTPStatus
from urllib.parse import unquote

from books import utc_now
from ocpp.charge_point import camel_to_snake_case
from ocpp.routing import on
from ocpp.v16 import ChargePoint as PackageChargePoint
from ocpp.v16 import call, call_result
from ocpp.v16.enums import Action
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

ANSWER_WITHIN_S = 6.0
#: A CALL that the package does not let pass fails sooner.
REFUSED_WITHIN_S = 0.2
INTERVAL_S = 300

tags = {}
boots = {}
passwords = {}
peers = {}
transactions = iter(range(1, 1 << 31))


def id_tag_info(id_tag):
    return tags.get(id_tag.lower(), {"status": "Invalid"})


class Peer(PackageChargePoint):
    """The package's view of one connection."""

    @on(Action.boot_notification)
    def on_boot_notification(self, **_):
        boot = boots.get(self.id, {})
        interval, status = boot.get("interval", INTERVAL_S), boot.get("status", "Accepted")
        return call_result.BootNotification(utc_now(), interval, status)

    @on(Action.heartbeat)
    def on_heartbeat(self, **_):
        return call_result.Heartbeat(utc_now())

    @on(Action.authorize)
    def on_authorize(self, id_tag, **_):
        return call_result.Authorize(id_tag_info(id_tag))

    @on(Action.start_transaction)
    def on_start_transaction(self, id_tag, **_):
        return call_result.StartTransaction(next(transactions), id_tag_info(id_tag))

    @on(Action.stop_transaction)
    def on_stop_transaction(self, id_tag=None, **_):
        return call_result.StopTransaction(id_tag_info(id_tag) if id_tag else None)

    @on(Action.status_notification)
    def on_status_notification(self, **_):
        return call_result.StatusNotification()

    @on(Action.meter_values)
    def on_meter_values(self, **_):
        return call_result.MeterValues()

    @on(Action.firmware_status_notification)
    def on_firmware_status_notification(self, **_):
        return call_result.FirmwareStatusNotification()

    @on(Action.diagnostics_status_notification)
    def on_diagnostics_status_notification(self, **_):
        return call_result.DiagnosticsStatusNotification()

    @on(Action.log_status_notification)
    def on_log_status_notification(self, **_):
        return call_result.LogStatusNotification()

    @on(Action.security_event_notification)
    def on_security_event_notification(self, **_):
        return call_result.SecurityEventNotification()

    @on(Action.signed_firmware_status_notification)
    def on_signed_firmware_status_notification(self, **_):
        return call_result.SignedFirmwareStatusNotification()

    @on(Action.sign_certificate)
    def on_sign_certificate(self, **_):
        return call_result.SignCertificate("Accepted")

    @on(Action.data_transfer)
    def on_data_transfer(self, **_):
        return call_result.DataTransfer("Accepted")


def identity_of(path):
    return unquote(path.rsplit("/", 1)[-1])


def let_in(connection, request):
    """None, or the refusal of a charge point without its password."""
    identity = identity_of(request.path)
    wanted = passwords.get(identity)
    if wanted is None:
        return None
    expected = base64.b64encode(f"{identity}:{wanted}".encode()).decode()
    if request.headers.get("Authorization") == f"Basic {expected}":
        return None
    return connection.respond(HTTPStatus.UNAUTHORIZED, "")


async def welcome(websocket):
    identity = identity_of(websocket.request.path)
    peer = Peer(identity, websocket, response_timeout=ANSWER_WITHIN_S)
    peers[identity] = peer
    try:
        await peer.start()
    except ConnectionClosed:
        pass


async def send(identity, action, payload):
    if identity not in peers:
        raise ValueError(f"{identity} is not connected")
    request = getattr(call, action)(**camel_to_snake_case(payload))
    calling = asyncio.create_task(peers[identity].call(request))
    # What the charge point answers is seen by the charge point.
    done, _ = await asyncio.wait({calling}, timeout=REFUSED_WITHIN_S)
    calling.add_done_callback(lambda task: task.exception())
    for task in done:
        task.result()


async def obey(order):
    """The status of the answer to an order."""
    if order["do"] == "send":
        if not hasattr(call, order["action"]):
            return HTTPStatus.NOT_IMPLEMENTED
        await send(order["identity"], order["action"], order["payload"])
        return HTTPStatus.OK
    if order["do"] != "know":
        return HTTPStatus.NOT_IMPLEMENTED
    identity, value = order["identity"], order["value"]
    match order["what"]:
        case "boot":
            boots[identity] = value
        case "password":
            passwords[identity] = value["password"]
        case "idTag":
            info = {"status": "Accepted", **value}
            id_tag = info.pop("idTag")
            tags[id_tag.lower()] = camel_to_snake_case(info)
        case _:
            return HTTPStatus.NOT_IMPLEMENTED
    return HTTPStatus.OK


async def take_order(reader, writer):
    """One request over HTTP/1.1."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(
        int(line.split(":", 1)[1])
        for line in head.splitlines()
        if line.startswith("content-length:")
    )
    order = json.loads(await reader.readexactly(length))
    text = ""
    try:
        status = await obey(order)
    except Exception as error:
        status, text = HTTPStatus.INTERNAL_SERVER_ERROR, str(error).splitlines()[0]
    body = text.encode()
    writer.write(
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    )
    await writer.drain()
    writer.close()


async def main():
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)
    server = await serve(
        welcome, "127.0.0.1", 0, subprotocols=["ocpp1.6"], process_request=let_in
    )
    orders = await asyncio.start_server(take_order, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    order_port = orders.sockets[0].getsockname()[1]
    urls = {"csms": f"ws://127.0.0.1:{port}/ocpp", "hook": f"http://127.0.0.1:{order_port}/"}
    print(json.dumps(urls), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
