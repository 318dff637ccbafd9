"""PyPI `ocpp` as a central system that obeys the orders of `charge-point test --hook URL`.

docs/scenarios.md has the orders. It speaks OCPP 1.6 and 2.0.1, with TLS and without on one port, prints
{"csms": URL, "hook": URL} and ends with its standard input.

    python obeying.py FOLDER

FOLDER has the authority of the central system (ca.pem, ca.key), its certificate (server.pem, server.key), and what is in
those of charge points (client.ext); openssl signs them.
"""

import asyncio
import base64
import json
import logging
import ssl
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote

from books import utc_now
from ocpp.charge_point import camel_to_snake_case
from ocpp.routing import on
from ocpp.v16 import ChargePoint as PackageChargePoint
from ocpp.v16 import call, call_result
from ocpp.v16.enums import Action
from ocpp.v201 import ChargePoint as PackageChargingStation
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as call_result201
from ocpp.v201.enums import Action as Action201
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

ANSWER_WITHIN_S = 6.0
#: A CALL that the package does not let pass fails sooner.
REFUSED_WITHIN_S = 0.2
INTERVAL_S = 300
#: The first byte of a TLS handshake.
HANDSHAKE = b"\x16"

tags = {}
boots = {}
requests = {}
passwords = {}
profiles = {}
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
        return call_result.SignCertificate(requests.get(self.id, {}).get("status", "Accepted"))

    @on(Action.data_transfer)
    def on_data_transfer(self, **_):
        return call_result.DataTransfer("Accepted")


class Peer201(PackageChargingStation):
    """The same for OCPP 2.0.1."""

    @on(Action201.boot_notification)
    def on_boot_notification(self, **_):
        boot = boots.get(self.id, {})
        interval, status = boot.get("interval", INTERVAL_S), boot.get("status", "Accepted")
        return call_result201.BootNotification(utc_now(), interval, status)

    @on(Action201.heartbeat)
    def on_heartbeat(self, **_):
        return call_result201.Heartbeat(utc_now())

    @on(Action201.authorize)
    def on_authorize(self, id_token, **_):
        return call_result201.Authorize(id_tag_info(id_token["id_token"]))

    @on(Action201.transaction_event)
    def on_transaction_event(self, id_token=None, **_):
        info = id_tag_info(id_token["id_token"]) if id_token else None
        return call_result201.TransactionEvent(id_token_info=info)

    @on(Action201.status_notification)
    def on_status_notification(self, **_):
        return call_result201.StatusNotification()

    @on(Action201.meter_values)
    def on_meter_values(self, **_):
        return call_result201.MeterValues()

    @on(Action201.notify_report)
    def on_notify_report(self, **_):
        return call_result201.NotifyReport()

    @on(Action201.notify_event)
    def on_notify_event(self, **_):
        return call_result201.NotifyEvent()

    @on(Action201.security_event_notification)
    def on_security_event_notification(self, **_):
        return call_result201.SecurityEventNotification()

    @on(Action201.data_transfer)
    def on_data_transfer(self, **_):
        return call_result201.DataTransfer("Accepted")


class Certificates:
    """The authority of this central system, and its own certificate."""

    def __init__(self, folder):
        self._folder = Path(folder)

    def sign(self, csr):
        """The certificate that a request is for."""
        files = {"-CA": "ca.pem", "-CAkey": "ca.key", "-extfile": "client.ext"}
        by = [word for option, name in files.items() for word in (option, self._path(name))]
        words = ["openssl", "x509", "-req", *by, "-days", "30"]
        made = subprocess.run(words, input=csr, check=True, capture_output=True, text=True)
        return made.stdout

    def context(self):
        """TLS in which a charge point may show a certificate, which has to be good then."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._path("server.pem"), self._path("server.key"))
        context.load_verify_locations(self._path("ca.pem"))
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def _path(self, name):
        return str(self._folder / name)


def identity_of(path):
    return unquote(path.rsplit("/", 1)[-1])


def let_in(connection, request):
    """None, or the refusal of a charge point without its password."""
    identity = identity_of(request.path)
    wanted = passwords.get(identity)
    if profiles.get(identity) == 3:
        tls = connection.transport.get_extra_info("ssl_object")
        if tls and tls.getpeercert():
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "")
    if wanted is None:
        return None
    expected = base64.b64encode(f"{identity}:{wanted}".encode()).decode()
    if request.headers.get("Authorization") == f"Basic {expected}":
        return None
    return connection.respond(HTTPStatus.UNAUTHORIZED, "")


async def welcome(websocket):
    identity = identity_of(websocket.request.path)
    kind = Peer201 if websocket.subprotocol == "ocpp2.0.1" else Peer
    peer = kind(identity, websocket, response_timeout=ANSWER_WITHIN_S)
    peers[identity] = peer
    try:
        await peer.start()
    except ConnectionClosed:
        pass


async def send(identity, action, payload):
    if identity not in peers:
        raise ValueError(f"{identity} is not connected")
    calls = call201 if isinstance(peers[identity], Peer201) else call
    request = getattr(calls, action)(**camel_to_snake_case(payload))
    calling = asyncio.create_task(peers[identity].call(request))
    # What the charge point answers is seen by the charge point.
    done, _ = await asyncio.wait({calling}, timeout=REFUSED_WITHIN_S)
    calling.add_done_callback(lambda task: task.exception())
    for task in done:
        task.result()


async def obey(order, certificates):
    """The status of the answer to an order."""
    if order["do"] == "send":
        if not any(hasattr(calls, order["action"]) for calls in (call, call201)):
            return HTTPStatus.NOT_IMPLEMENTED
        await send(order["identity"], order["action"], order["payload"])
        return HTTPStatus.OK
    if order["do"] == "sign":
        payload = {"certificateChain": certificates.sign(order["csr"])}
        await send(order["identity"], "CertificateSigned", payload)
        return HTTPStatus.OK
    if order["do"] != "know":
        return HTTPStatus.NOT_IMPLEMENTED
    identity, value = order["identity"], order["value"]
    match order["what"]:
        case "boot":
            boots[identity] = value
        case "password":
            passwords[identity] = value["password"]
        case "profile":
            profiles[identity] = value["profile"]
        case "csr":
            requests[identity] = value
        case "idTag":
            info = {"status": "Accepted", **value}
            id_tag = info.pop("idTag")
            tags[id_tag.lower()] = camel_to_snake_case(info)
        case _:
            return HTTPStatus.NOT_IMPLEMENTED
    return HTTPStatus.OK


async def take_order(reader, writer, certificates):
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
        status = await obey(order, certificates)
    except Exception as error:
        status, text = HTTPStatus.INTERNAL_SERVER_ERROR, str(error).splitlines()[0]
    body = text.encode()
    writer.write(
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    )
    await writer.drain()
    writer.close()


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def main(certificates):
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)
    logging.getLogger("websockets").setLevel(logging.CRITICAL)

    async def listen(context):
        """The port of a server with TLS, or without."""
        options = {"subprotocols": ["ocpp1.6", "ocpp2.0.1"], "process_request": let_in}
        server = await serve(welcome, "127.0.0.1", 0, ssl=context, **options)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def passed_on(reader, writer):
        first = await reader.read(1)
        port = secure if first == HANDSHAKE else plain
        central_reader, central_writer = await asyncio.open_connection("127.0.0.1", port)
        central_writer.write(first)
        await asyncio.gather(pump(reader, central_writer), pump(central_reader, writer))

    async def ordered(reader, writer):
        await take_order(reader, writer, certificates)

    servers = []
    plain, secure = await listen(None), await listen(certificates.context())
    front = await asyncio.start_server(passed_on, "127.0.0.1", 0)
    orders = await asyncio.start_server(ordered, "127.0.0.1", 0)
    port = front.sockets[0].getsockname()[1]
    order_port = orders.sockets[0].getsockname()[1]
    urls = {"csms": f"ws://127.0.0.1:{port}/ocpp", "hook": f"http://127.0.0.1:{order_port}/"}
    print(json.dumps(urls), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main(Certificates(sys.argv[1])))
