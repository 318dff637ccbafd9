# SPDX-License-Identifier: Apache-2.0

"""What the image's tests tell the central system: a line for a command, a line for its answer.

In a command, ' stands for " because C would have to escape it. Every method here is a command."""

import itertools
import json
import socket
import time

import websocket
from connection import CALL, compact

PATIENCE_SECONDS = 10

# A CALL that changes nothing.
HARMLESS = {
    "ocpp1.6": "GetConfiguration {'key':['HeartbeatInterval']}",
    "ocpp2.0.1": "GetVariables {'getVariableData':[{'component':{'name':'OCPPCommCtrlr'},"
    "'variable':{'name':'HeartbeatInterval'}}]}",
}


def unquoted(text):
    return text.replace("'", '"')


class Commands:
    _ids = itertools.count(1)

    def __init__(self, central_system, sock):
        self._central_system = central_system
        self._sock = sock
        self._station = None

    def run(self):
        for line in self._sock.makefile("r", encoding="utf-8"):
            name, _, rest = line.strip().partition(" ")
            try:
                answer = getattr(self, name)(rest)
            except Exception as error:  # The test that asked fails by this answer.
                answer = f"{type(error).__name__}: {error}"
            print(f"{line.strip()} -> {answer}", flush=True)
            self._sock.sendall(f"{answer}\n".encode())

    @property
    def _connection(self):
        return self._station.connection

    # What comes next.

    def begin(self, name):
        """A test begins, and with it a charge point of this name."""
        self._station = self._central_system.station(name)
        # A test that failed may have left it deaf.
        self._central_system.listen()
        return "ok"

    def on(self, words):
        """on ACTION answer [JSON] | silence | error CODE | hollow | late MS |
        stray JSON | close | reset"""
        action, _, how = words.partition(" ")
        self._station.rules[action] = unquoted(how)
        return "ok"

    def handshake(self, how):
        """handshake accept | eager | drip | silence | no-subprotocol | other-subprotocol |
        beginning | extension | Upgrade (which is left out) | Connection (too) | HTTP-STATUS"""
        self._station.handshake = how
        return "ok"

    def speak(self, subprotocol):
        """speak ocpp1.6 | ocpp2.0.1: what the charge point has to offer; the first without this"""
        self._station.subprotocol = subprotocol
        return "ok"

    def clock(self, time_stamp):
        """The central system's time is this from now on."""
        self._station.set_clock(time_stamp)
        return "ok"

    def settle(self, _):
        """Waits until the charge point has read everything, answers to its last CALLs included:
        what it has not seen confirmed at its end it would tell in the next test."""
        connection = self._connection
        if connection is None or connection.ended or connection.vanished:
            return "ok"
        text, asked = self._new_call(HARMLESS[self._station.subprotocol])
        try:
            connection.send_text(text)
            asked.wait(1)
        except OSError:
            pass
        return "ok"

    # The connection.

    def ipv6(self, _):
        """Whether it can be reached over IPv6, which not every host has."""
        return "yes" if self._central_system.listens_to_ipv6() else "no"

    def family(self, _):
        """What the charge point's connection goes over."""
        is_ipv6 = self._connection.ws.sock.family == socket.AF_INET6
        return "IPv6" if is_ipv6 else "IPv4"

    def listen(self, how):
        if how == "on":
            self._central_system.listen()
        else:
            self._central_system.stop_listening()
        return "ok"

    def close(self, _):
        self._connection.close()
        return "ok"

    def finish(self, _):
        self._connection.finish()
        return "ok"

    def reset(self, _):
        self._connection.reset()
        return "ok"

    def vanish(self, _):
        self._connection.vanish()
        return "ok"

    def deaf(self, count):
        """So many CALLs, of whose answers none is read."""
        calls = [self._new_call("GetConfiguration {}")[0] for _ in range(int(count))]
        for text in calls:
            self._connection.record(text)
        self._connection.vanish()
        frames = [websocket.encode(websocket.TEXT, text.encode()) for text in calls]
        self._connection.ws.send_bytes(b"".join(frames))
        return "ok"

    # Messages to the charge point.

    def call(self, words):
        """call ACTION JSON: what the charge point answers."""
        text, asked = self._new_call(words)
        self._connection.send_text(text)
        return asked.wait()

    def bad(self, words):
        """As call, for one that is malformed on purpose."""
        text, asked = self._new_call(words, malformed=True)
        self._connection.send_text(text, malformed=True)
        return asked.wait()

    def raw(self, text):
        """A text message that is no frame of OCPP."""
        self._connection.send_text(unquoted(text), malformed=True)
        return "ok"

    def fragment(self, text):
        """The end of a message that has not begun."""
        self._connection.ws.send(websocket.CONTINUATION, text.encode())
        return "ok"

    def binary(self, text):
        self._connection.ws.send(websocket.BINARY, text.encode())
        return "ok"

    def burst(self, count):
        """So many CALLs in one TCP segment: how many are answered within three seconds, by when an emulated
        network has sent again what it lost."""
        calls = [self._new_call("GetConfiguration {'key':['HeartbeatInterval']}")
                 for _ in range(int(count))]
        for text, _ in calls:
            self._connection.record(text)
        frames = [websocket.encode(websocket.TEXT, text.encode()) for text, _ in calls]
        self._connection.ws.send_bytes(b"".join(frames))
        end = time.monotonic() + 3
        answers = [asked.wait(max(0, end - time.monotonic())) for _, asked in calls]
        return sum(answer.startswith("result") for answer in answers)

    def fragments(self, words):
        """As call, in fragments of 7 bytes, with a ping after the first."""
        text, asked = self._new_call(words)
        self._connection.record(text)
        with self._connection.ws.message:
            self._send_fragments(text.encode())
        pong = self._connection.pongs.get(timeout=3)
        return asked.wait() if pong == b"between" else f"pong {pong}"

    def sized(self, size):
        """A CALL of exactly so many bytes: what the charge point answers."""
        asked, head = self._open_data_transfer()
        text = head + "z" * (int(size) - len(head) - 3) + '"}]'
        self._connection.send_text(text)
        return asked.wait()

    def oversized(self, place):
        """A CALL that is longer than the receive buffer, with another behind so many bytes: what
        the charge point answers to the outer one. The inner one is none."""
        asked, head = self._open_data_transfer(malformed=True)
        inner = compact([CALL, "inner", "GetConfiguration", {}])
        text = head + "z" * (int(place) - len(head)) + inner
        self._connection.send_text(text, malformed=True)
        return asked.wait()

    def ping(self, payload):
        """The payload of the pong."""
        self._connection.ws.send(websocket.PING, payload.encode())
        return self.pong("")

    def pong(self, _):
        """The payload of the next pong."""
        return self._connection.pongs.get(timeout=5).decode()

    # What the charge point has done.

    def connections(self, _):
        return self._station.connections

    def connected(self, count):
        """Waits for so many connections."""
        wanted = int(count)
        self._station.wait_until(lambda: self._station.connections >= wanted, PATIENCE_SECONDS)
        return self._station.connections

    def handshakes(self, _):
        return self._station.handshakes

    def handshakes_after(self, count):
        """Waits for more handshakes than so many."""
        wanted = int(count)
        more = self._station.wait_until(
            lambda: self._station.handshakes > wanted, PATIENCE_SECONDS
        )
        return "more" if more else "no more"

    def ended(self, _):
        """How the last connection ended."""
        self._station.wait_until(lambda: self._connection.ended, PATIENCE_SECONDS)
        return self._connection.ended

    def calls(self, action):
        return len(self._station.calls.get(action, []))

    def wait(self, words):
        """wait ACTION COUNT: until there have been so many."""
        action, count = words.split()
        self._station.wait_until(lambda: self.calls(action) >= int(count), PATIENCE_SECONDS)
        return self.calls(action)

    def sent(self, place):
        """sent ACTION.MEMBER...: that member of the last CALL of that action."""
        action, *members = place.split(".")
        value = self._station.calls[action][-1]
        for member in members:
            value = value[int(member) if member.isdigit() else member]
        return value

    def status(self, words):
        """status CONNECTOR STATUS: its last status; waits until that is so, or for long."""
        connector, wanted = words.split()

        def last():
            told = self._station.calls.get("StatusNotification", [])
            of_it = [call["status"] for call in told if call["connectorId"] == int(connector)]
            return of_it[-1] if of_it else "none"

        self._station.wait_until(lambda: last() == wanted, PATIENCE_SECONDS)
        return last()

    def measured(self, _):
        """What the last MeterValues brought: measurand=value or measurand.phase=value, in its
        order."""
        call = self._station.calls["MeterValues"][-1]
        values = call["meterValue"][0]["sampledValue"]
        return " ".join(
            f"{value['measurand']}{'.' * ('phase' in value)}{value.get('phase', '')}"
            f"={value['value']}"
            for value in values
        )

    def books(self, wanted):
        """All transactions; waits until they are as wanted, or for long."""
        self._station.wait_until(lambda: self._station.books() == wanted, PATIENCE_SECONDS)
        return self._station.books()

    def events(self, wanted):
        """The kinds of the events of the transaction that began last (OCPP 2.0.1), several of a kind
        as one; waits until they are as wanted, or for long."""
        self._station.wait_until(lambda: self._kinds() == wanted, PATIENCE_SECONDS)
        return self._kinds()

    def stop_last(self, _):
        """What the charge point answers to RequestStopTransaction for that one."""
        name = self._station.events.last()
        return self.call(f"RequestStopTransaction {{'transactionId':'{name}'}}")

    def transaction(self, _):
        """The name of that one."""
        return self._station.events.last()

    def offences(self, _):
        return "; ".join(self._station.offences) or "none"

    def _kinds(self):
        return " ".join(kind for kind, _ in itertools.groupby(self._station.events.kinds()))

    def _send_fragments(self, octets):
        pieces = [octets[at:at + 7] for at in range(0, len(octets), 7)]
        for number, piece in enumerate(pieces):
            opcode = websocket.CONTINUATION if number else websocket.TEXT
            final = number == len(pieces) - 1
            self._connection.ws.send_bytes(websocket.encode(opcode, piece, final))
            if number == 0:
                self._connection.ws.send(websocket.PING, b"between")
            time.sleep(0.01)

    def _new_call(self, words, malformed=False):
        action, _, payload = words.partition(" ")
        message_id = f"cs-{next(self._ids)}"
        text = compact([CALL, message_id, action, json.loads(unquoted(payload))])
        return text, self._connection.expect(message_id, malformed)

    def _open_data_transfer(self, malformed=False):
        message_id = f"cs-{next(self._ids)}"
        head = f'[2,"{message_id}","DataTransfer",{{"vendorId":"none","data":"'
        return self._connection.expect(message_id, malformed), head
