# SPDX-License-Identifier: Apache-2.0

"""A central system for one image, obedient to the image's tests: on its port it takes websockets
of the charge point and, as long as it runs, one connection with the tests' commands."""

import socket
import threading

from commands import Commands
from connection import Connection
from station import Station
from websocket import PING, Gone, Offence, WebSocket, encode


class CentralSystem:
    def __init__(self, port, transcript, limits):
        self.limits = limits
        self.stations = {}
        self._port = port
        self._transcript = transcript
        self._listener = None
        self.listen()

    def listen(self):
        if self._listener:
            return
        self._listener = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def stop_listening(self):
        # Only shutdown() wakes the thread in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None

    def station(self, name):
        return self.stations.setdefault(name, Station(name))

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=[sock], daemon=True).start()

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
        if headers.get("sec-websocket-protocol") != "ocpp1.6":
            station.offend("the subprotocol is not asked for")
        how = station.handshake
        try:
            if how == "silence":
                # Until the charge point gives up.
                ws.read_frame()
            elif how in ("accept", "eager"):
                # An eager one sends a ping in the segment that ends the handshake.
                ping = encode(PING, b"eager") if how == "eager" else b""
                ws.accept(headers, "ocpp1.6", ping)
                self._converse(ws, station)
            elif how == "no-subprotocol":
                ws.accept(headers, None)
                ws.read_frame()
            else:
                ws.refuse(how)
        except (Gone, Offence, OSError):
            pass
        finally:
            ws.close()

    def _converse(self, ws, station):
        call_timeout = self.limits["CONFIG_OCPP_CALL_TIMEOUT_MS"] / 1000
        connection = Connection(ws, station, self._transcript, call_timeout)
        before, station.connection = station.connection, connection
        station.connections += 1
        if before:
            if not before.ended and not before.vanished:
                station.offend("a second connection beside the first")
            before.replaced()
        station.changed()
        connection.run()
