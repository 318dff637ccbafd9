# SPDX-License-Identifier: Apache-2.0

"""One OCPP-J connection of a charge point, and what the central system does on it."""

import json
import queue
import socket
import struct
import threading
import time

import websocket
from websocket import Gone, Offence

CALL, CALLRESULT, CALLERROR = 2, 3, 4
ANSWER_SECONDS = 5


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Asked:
    """A CALL of the central system, and the first answer to it."""

    def __init__(self, malformed):
        self.malformed = malformed
        self.frame = None
        self._answered = threading.Event()

    def answer(self, frame):
        self.frame = frame
        self._answered.set()

    def wait(self, seconds=ANSWER_SECONDS):
        """The answer as text."""
        if not self._answered.wait(seconds):
            return "silence"
        if self.frame[0] == CALLRESULT:
            return f"result {compact(self.frame[2])}"
        return f"error {self.frame[2]}"


class Connection:
    def __init__(self, ws, station, transcript, call_timeout):
        self.ws = ws
        self.pongs = queue.Queue()
        self.ended = None
        self._station = station
        self._transcript = transcript
        self._call_timeout = call_timeout
        # When the charge point sent a CALL that is not answered yet.
        self._unanswered_since = None
        self._asked = {}
        self._vanished = threading.Event()

    def run(self):
        """Reads until the connection ends."""
        try:
            self._read()
        except Offence as offence:
            self._station.offend(str(offence))
            self.reset()
        except (Gone, OSError):
            self.ended = self.ended or "gone"
        finally:
            self.ws.close()
            self._station.changed()

    def _read(self):
        message = b""
        opcode_of_message = None
        while True:
            final, opcode, payload = self.ws.read_frame()
            if self.vanished:
                # Half of a connection: the charge point can send, and hears nothing.
                self._station.wait_until(lambda: self.ended, 60)
                return
            if opcode == websocket.CLOSE:
                self.ended = f"close {struct.unpack('!H', payload[:2])[0] if payload else ''}"
                self._send_anyway(websocket.encode(websocket.CLOSE, payload))
                return
            if opcode == websocket.PING:
                self.ws.send(websocket.PONG, payload)
            elif opcode == websocket.PONG:
                self.pongs.put(payload)
            else:
                if (opcode == websocket.CONTINUATION) != (opcode_of_message is not None):
                    raise Offence("fragments are out of order")
                opcode_of_message = opcode_of_message or opcode
                message += payload
                if final:
                    if opcode_of_message != websocket.TEXT:
                        raise Offence("a message is not text")
                    self._take(message.decode())
                    message, opcode_of_message = b"", None

    def _take(self, text):
        try:
            frame = json.loads(text)
        except ValueError as error:
            raise Offence(f"not JSON: {text}") from error
        if frame[0] == CALL:
            self._transcript.write("out", text)
            self._take_call(*frame[1:])
        else:
            self._take_answer(text, frame)

    def _take_call(self, message_id, action, payload):
        since, self._unanswered_since = self._unanswered_since, time.monotonic()
        # On a busy machine the first may have been read late.
        if since and self._unanswered_since - since < self._call_timeout / 2:
            self._station.offend(f"{action} while another CALL waits for its answer")
        rules = self._station.rules
        how, *rest = rules.get(action, rules.get("*", "answer")).split(maxsplit=1)
        self._station.take_call(message_id, action, payload)
        if how == "silence":
            return
        if how == "close":
            self.close()
        elif how == "reset":
            self.reset()
        elif how == "hollow":
            # An answer without what it has to have.
            self._unanswered_since = None
            self.send_text(compact([CALLRESULT, message_id, {}]), malformed=True)
        elif how == "error":
            self._answer([CALLERROR, message_id, rest[0], "", {}])
        elif how == "late":
            delay = int(rest[0]) / 1000
            answer = self._station.answer(message_id, action, payload)
            self._unanswered_since = None
            threading.Timer(delay, self._answer, [[CALLRESULT, message_id, answer]]).start()
        else:
            if how == "stray":
                # Another answer first, to no CALL.
                self.send_text(compact([CALLRESULT, "stray", json.loads(rest[0])]), malformed=True)
            usual = self._station.answer(message_id, action, payload)
            given = json.loads(rest[0]) if how == "answer" and rest else {}
            self._answer([CALLRESULT, message_id, {**usual, **given}])

    def _answer(self, frame):
        self._unanswered_since = None
        self.send_text(compact(frame))

    def _take_answer(self, text, frame):
        asked = self._asked.get(frame[1])
        self._transcript.write("out", text, asked is not None and asked.malformed)
        if asked is None:
            self._station.offend(f"answer to no CALL: {text}")
        elif asked.frame:
            self._station.offend(f"a second answer: {text}")
        else:
            asked.answer(frame)

    def send_text(self, text, malformed=False):
        self.record(text, malformed)
        with self.ws.message:
            self._send_anyway(websocket.encode(websocket.TEXT, text.encode()))

    def record(self, text, malformed=False):
        """A message that is about to be sent, in whatever form."""
        self._transcript.write("in", text, malformed)

    def expect(self, message_id, malformed=False):
        """A CALL with this id is about to be sent."""
        return self._asked.setdefault(message_id, Asked(malformed))

    def close(self):
        """A close frame, then the end as soon as the charge point has answered it."""
        self._send_anyway(websocket.encode(websocket.CLOSE, websocket.NORMAL_CLOSURE))

    def finish(self):
        """The end without a close frame."""
        self.ended = "finished"
        self.ws.sock.shutdown(socket.SHUT_RDWR)

    def reset(self):
        """The end with a TCP RST."""
        self.ended = "reset"
        self.ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # This wakes the thread that reads; the RST goes out when that one closes the socket.
        self.ws.sock.shutdown(socket.SHUT_RD)

    @property
    def vanished(self):
        return self._vanished.is_set()

    def vanish(self):
        """From now on the charge point hears nothing any more."""
        self._vanished.set()

    def replaced(self):
        """The charge point has a new connection."""
        self.ended = self.ended or "replaced"
        self._station.changed()

    def _send_anyway(self, octets):
        try:
            self.ws.send_bytes(octets)
        except OSError:
            pass  # The reading thread sees the end.
