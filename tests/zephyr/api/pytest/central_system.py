# SPDX-License-Identifier: Apache-2.0

"""A central system for one image, obedient to the image's tests: on its port it takes websockets
of the charge point and, as long as it runs, one connection with the tests' commands."""

import contextlib
import socket
import threading

from commands import Commands
from connection import Connection
from station import Station
from websocket import CLOSE, PING, Gone, Offence, WebSocket, encode

# Longer than anything that has arrived waits to be read.
READ_SECONDS = 1

# Bytes of the window and of the segments: so little that what is not read soon waits at the charge
# point, where a host's sockets would take in megabytes.
WINDOW = 4096
SEGMENT = 536


def listen_at(family, host, port):
    sock = socket.create_server((host, port), family=family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    return sock


class CentralSystem:
    def __init__(self, port, transcripts, limits):
        self.limits = limits
        # How much faster than this host's the time of the charge point goes.
        self.pace = 1
        self.stations = {}
        self._port = port
        # By subprotocol.
        self._transcripts = transcripts
        self._listeners = []
        self._serving = 0
        self._served = threading.Condition()
        self.listen()

    def listen(self):
        if self._listeners:
            return
        self._listeners = [listen_at(socket.AF_INET, "127.0.0.1", self._port)]
        with contextlib.suppress(OSError):  # A host without IPv6, or with that port in use.
            self._listeners.append(listen_at(socket.AF_INET6, "::1", self._port))
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def listens_to_ipv6(self):
        return len(self._listeners) > 1

    def stop_listening(self):
        for listener in self._listeners:
            # Only shutdown() wakes the thread in accept().
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._listeners = []

    def outlive(self, seconds):
        """Waits until everybody who has connected until now is gone: true when that is so."""
        # Who connected earlier is accepted earlier, and so counted.
        with socket.create_connection(("127.0.0.1", self._port)) as last:
            last.sendall(b"listen on\n")
            last.recv(8)
        with self._served:
            return self._served.wait_for(lambda: self._serving == 0, seconds)

    def station(self, name):
        return self.stations.setdefault(name, Station(name))

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._served:
                self._serving += 1
            threading.Thread(target=self._serve_until_end, args=[sock], daemon=True).start()

    def _serve_until_end(self, sock):
        try:
            self._serve(sock)
        except (Gone, OSError):
            pass  # It went before it had said who it was.
        finally:
            with self._served:
                self._serving -= 1
                self._served.notify_all()

    def _serve(self, sock):
        if sock.recv(4, socket.MSG_PEEK) == b"GET ":
            self._serve_charge_point(WebSocket(sock))
        else:
            Commands(self, sock).run()

    def _serve_charge_point(self, ws):
        path, headers = ws.read_request()
        station = self.station(path.rsplit("/", 1)[-1])
        station.handshakes += 1
        station.changed()
        offered = station.subprotocol
        if headers.get("sec-websocket-protocol") != offered:
            station.offend("the subprotocol is not asked for")
        how = station.handshake
        try:
            if how == "silence":
                # Until the charge point gives up.
                ws.read_frame()
            elif how in ("accept", "eager", "drip"):
                # An eager one sends a ping in the segment that ends the handshake.
                ping = encode(PING, b"eager") if how == "eager" else b""
                ws.accept(headers, offered, ping, drips=how == "drip")
                self._converse(ws, station)
            elif how == "no-subprotocol":
                ws.accept(headers, None)
                self._expect_end(ws, station)
            elif how == "other-subprotocol":
                ws.accept(headers, "ocpp2.0.1" if offered == "ocpp1.6" else "ocpp1.6")
                self._expect_end(ws, station)
            elif how in ("Upgrade", "Connection"):
                ws.accept(headers, offered, without=how)
                self._expect_end(ws, station)
            elif how == "extension":
                ws.accept(headers, offered, extra="Sec-WebSocket-Extensions: permessage-deflate\r\n")
                self._expect_end(ws, station)
            elif how == "beginning":
                # Of the value that the client has to find.
                ws.accept(headers, offered, length=10)
                self._expect_end(ws, station)
            else:
                ws.refuse(how)
        except (Gone, Offence, OSError):
            pass
        finally:
            ws.close()

    @staticmethod
    def _expect_end(ws, station):
        """The charge point does not take this answer to its handshake: it closes the connection."""
        how = station.handshake
        _, opcode, payload = ws.read_frame()
        if opcode != CLOSE:
            station.offend(f"goes on after the handshake {how}: {payload}")

    def _converse(self, ws, station):
        call_timeout = self.limits["CONFIG_OCPP_CALL_TIMEOUT_MS"] / 1000 / self.pace
        transcript = self._transcripts[station.subprotocol]
        connection = Connection(ws, station, transcript, call_timeout)
        before, station.connection = station.connection, connection
        station.connections += 1
        if before:
            # Its end may have been sent, and not been read yet.
            if not station.wait_until(lambda: before.ended or before.vanished, READ_SECONDS):
                station.offend("a second connection beside the first")
            before.replaced()
        station.changed()
        connection.run()
