"""The central system of the package, on a free port of 127.0.0.1."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from frame_log import CALL, CALLERROR, CALLRESULT, parse
from journal import Journal
from ocpp.exceptions import OCPPError
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

RECONNECT_WITHIN_S = 20.0


@dataclass
class Connection:
    websocket: Any
    index: int = -1
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    peer: Any = None


class RecordedWebsocket:
    """What the package reads and writes: the websocket, with every frame on record."""

    def __init__(self, websocket, system):
        self._websocket = websocket
        self._system = system

    async def recv(self):
        while True:
            text = await self._websocket.recv()
            if isinstance(text, bytes):
                self._system.complaints.append("a binary frame")
                continue
            frame = self._system.frames.record("out", text)
            if frame.type == CALL or frame.id not in self._system.raw_ids:
                return text

    async def send(self, text):
        text = self._system.rewritten(text)
        self._system.frames.record("in", text)
        await self._websocket.send(text)


class Complaints(logging.Handler):
    """Collects what the package logs as an error: frames it cannot read, validate or place."""

    def __init__(self, complaints):
        super().__init__(logging.ERROR)
        self._complaints = complaints

    def emit(self, record):
        cause = f": {record.exc_info[1]}" if record.exc_info else ""
        self._complaints.append(f"{record.getMessage()}{cause}")


class CentralSystem:
    """`peer`: the package's view of the charge point, a class of `peer.py`."""

    def __init__(self, books, frames, identity, peer):
        self.books = books
        self.frames = frames
        self.identity = identity
        self._peer = peer
        self.connections = Journal("central system")
        #: What the package found wrong by itself.
        self.complaints = []
        #: Ids of the CALLs that went out past the package; it is not shown their answers.
        self.raw_ids = set()
        #: What answers without fields have instead of the payload {}.
        self.empty_payload = "{}"
        self._server = None
        logger = logging.getLogger("ocpp")
        logger.propagate = False
        logger.addHandler(Complaints(self.complaints))

    async def listen(self):
        offered = [self._peer.SUBPROTOCOL]
        self._server = await serve(self._welcome, "127.0.0.1", 0, subprotocols=offered)
        return self._server.sockets[0].getsockname()[1]

    async def _welcome(self, websocket):
        connection = self.connections.add(Connection(websocket))
        recorded = RecordedWebsocket(websocket, self)
        connection.peer = self._peer(self.identity, recorded, self.books, connection)
        try:
            await connection.peer.start()
        except ConnectionClosed:
            pass
        finally:
            connection.closed.set()

    @property
    def connected(self):
        return bool(self.connections.entries) and not self.connections.entries[-1].closed.is_set()

    @property
    def _current(self):
        if not self.connected:
            raise AssertionError("the charge point is not connected")
        return self.connections.entries[-1]

    async def connection(self, count):
        """Waits for a connection made after `count` others."""
        what = f"connection number {count + 1}"
        return await self.connections.until(lambda _: True, count, RECONNECT_WITHIN_S, what)

    async def call(self, request):
        """Asks the charge point; returns the payload of its CALLRESULT."""
        return await self._current.peer.call(request, suppress=False)

    async def refusal(self, request):
        """Asks what is expected to be answered with a CALLERROR; returns its code."""
        try:
            answer = await self.call(request)
        except OCPPError as error:
            return error.code
        raise AssertionError(f"{request} was answered {answer}")

    def rewritten(self, text):
        """The answer as it goes out, with the payload that it has instead of an empty one."""
        elements = parse(text)
        if self.empty_payload == "{}" or elements[0] != CALLRESULT or elements[2] != {}:
            return text
        text = f"[{CALLRESULT},{json.dumps(elements[1])},{self.empty_payload}]"
        self.frames.expect_invalid(text)
        return text

    async def raw_call(self, message_id, action, *payload):
        """Sends a CALL the package would not let pass, on the same websocket.

        Returns the frame that answers it.
        """
        self.raw_ids.add(message_id)
        await self.malformed_frame(json.dumps([CALL, message_id, action, *payload]))
        return await self.frames.answer_to(message_id)

    async def malformed_call(self, action, *payload):
        """The code of the CALLERROR that a raw call gets, or None for a CALLRESULT."""
        answer = await self.raw_call(str(uuid4()), action, *payload)
        return answer.elements[2] if answer.type == CALLERROR else None

    async def malformed_frame(self, text):
        """Sends a text that is no good frame."""
        self.frames.expect_invalid(text)
        self.frames.record("in", text)
        await self._current.websocket.send(text)

    def answered_before(self, asked, told, since):
        """Did the charge point answer `asked` before it sent its own CALL `told`?"""

        def first(direction, kind, place, wanted):
            return self.frames.since(
                since,
                lambda frame: frame.dir == direction
                and frame.type == kind
                and frame.elements[place] == wanted,
            )[0]

        request = first("in", CALL, 2, asked)
        answer = first("out", CALLRESULT, 1, request.id)
        return answer.index < first("out", CALL, 2, told).index

    async def close(self):
        if self._server:
            self._server.close()
            await self._server.wait_closed()
