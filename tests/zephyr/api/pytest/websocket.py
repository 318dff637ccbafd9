# SPDX-License-Identifier: Apache-2.0

"""The server's side of a websocket (RFC 6455), frame by frame, so that it can also do what no
library does."""

import base64
import hashlib
import struct
import threading
import time

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NORMAL_CLOSURE = struct.pack("!H", 1000)
# Between the bytes of an answer that drips.
DRIP_SECONDS = 0.003


class Offence(Exception):
    """The client does what the protocol forbids."""


class Gone(Exception):
    """The connection is gone without a close frame."""


def encode(opcode, payload, final=True):
    """One frame as bytes."""
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    return head + struct.pack("!BH", 126, len(payload)) + payload


class WebSocket:
    """One connection on which the client has begun an HTTP request."""

    def __init__(self, sock):
        self.sock = sock
        self._stream = sock.makefile("rb")
        self._sending = threading.Lock()
        # Taken for a whole message: none may come between the fragments of another.
        self.message = threading.Lock()

    def read_request(self):
        """Path and headers, these in lower case."""
        request = self._read_line().split()
        if len(request) != 3 or request[0] != "GET":
            raise Offence(f"not a websocket handshake: {request}")
        headers = {}
        while line := self._read_line():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return request[1], headers

    def accept(
        self, headers, subprotocol, and_then=b"", length=None, drips=False, without=None, extra=""
    ):
        """Ends the handshake, with more in the same segment, or byte by byte; without a subprotocol or
        another header, with one that was not asked for, or with so much of Sec-WebSocket-Accept, the
        client must not go on."""
        key = headers["sec-websocket-key"] + GUID
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()[:length]
        chosen = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
        upgrade = {"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade"}
        upgrade = "".join(f"{name}: {value}\r\n" for name, value in upgrade.items() if name != without)
        answer = (
            f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}"
            f"Sec-WebSocket-Accept: {accept}\r\n{chosen}{extra}\r\n".encode()
            + and_then
        )
        if not drips:
            return self.send_bytes(answer)
        begun = time.monotonic()
        for at, byte in enumerate(answer):
            self.send_bytes(bytes([byte]))
            # So that each arrives by itself, and an emulated machine on a busy host has taken it before
            # its network runs out of buffers. All of them together take half of the time that it has,
            # also where the host sleeps longer than it is asked to.
            time.sleep(max(0, begun + (at + 1) * DRIP_SECONDS - time.monotonic()))

    def refuse(self, status):
        self.send_bytes(f"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\n\r\n".encode())

    def read_frame(self):
        """Final or not, opcode and payload of the next frame."""
        first, second = self._read(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read(8))
        final, opcode = bool(first & 0x80), first & 0x0F
        if first & 0x70:
            raise Offence("reserved bits are set")
        if not second & 0x80:
            raise Offence("a frame is not masked")
        if opcode >= CLOSE and (length > 125 or not final):
            raise Offence("a control frame is long or fragmented")
        mask = self._read(4)
        payload = self._read(length)
        return final, opcode, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def send_bytes(self, octets):
        with self._sending:
            self.sock.sendall(octets)

    def send(self, opcode, payload):
        self.send_bytes(encode(opcode, payload))

    def close(self):
        self._stream.close()
        self.sock.close()

    def _read_line(self):
        line = self._stream.readline().decode()
        if not line.endswith("\n"):
            raise Gone
        return line.strip()

    def _read(self, length):
        try:
            octets = self._stream.read(length)
        except OSError as error:
            raise Gone from error
        if len(octets) < length:
            raise Gone
        return octets
