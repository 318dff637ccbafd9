# SPDX-License-Identifier: Apache-2.0

"""In front of the central system: TLS and HTTP Basic authentication, or what looks like the beginning of
them. What it lets in goes on to the central system."""

import base64
import contextlib
import socket
import ssl
import threading

# A server that knows TLS 1.1 alone: its alert protocol_version, and its ServerHello.
ALERT_VERSION = bytes.fromhex("15030200020246")
# handshake_failure before a cipher suite is chosen.
ALERT_CIPHER_SUITE = bytes.fromhex("15030300020228")


def server_hello(version, suite):
    body = bytes.fromhex(version) + bytes(32) + b"\0" + bytes.fromhex(suite) + b"\0"
    handshake = b"\x02" + len(body).to_bytes(3, "big") + body
    return b"\x16" + bytes.fromhex(version) + len(handshake).to_bytes(2, "big") + handshake


class Front:
    def __init__(self, port):
        self._port = port
        # None for a central system without TLS.
        self.context = None
        # Of Basic authentication; None where it is not looked at.
        self.login = None
        # In the place of a handshake.
        self.answers = None
        self.stalls = False
        self.connections = 0
        self.secured = 0
        self.logins = []
        # The certificates that charge points have shown.
        self.shown = []
        self._open = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def secure(self, folder, issued, chain=b"", clients=None, name="server"):
        """From now on with this certificate; charge points show one of the authority `clients`."""
        certificate, key = issued.write(folder, name)
        with open(certificate, "ab") as file:
            file.write(chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # Its refusal of a client is in the handshake.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=clients.pem.decode())
        self.context = context

    def end_connections(self):
        """What is connected is not any more."""
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._open = []

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.end_connections()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[sock], daemon=True).start()

    def _serve(self, sock):
        self.connections += 1
        self._open.append(sock)
        with contextlib.suppress(OSError, ValueError):
            if self.answers is not None:
                sock.recv(4096)
                sock.sendall(self.answers)
                sock.recv(4096)
            elif self.stalls:
                sock.recv(65536)
                while sock.recv(4096):
                    pass
            else:
                self._forward(sock)
        with contextlib.suppress(OSError):
            sock.close()

    def _forward(self, sock):
        if self.context:
            sock = self.context.wrap_socket(sock, server_side=True)
            self._open.append(sock)
            self.shown.append(sock.getpeercert(binary_form=True))
            self.secured += 1
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = sock.recv(1)
            if not byte:
                return
            head += byte
        login = self._login_of(head)
        self.logins.append(login)
        if self.login is not None and login != self.login:
            sock.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            sock.close()
            return
        with socket.create_connection(("127.0.0.1", self._port)) as inside:
            inside.sendall(head)
            thread = threading.Thread(target=pump, args=[inside, sock], daemon=True)
            thread.start()
            pump(sock, inside)
            thread.join()

    @staticmethod
    def _login_of(head):
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"authorization: basic "):
                return base64.b64decode(line.split()[-1])
        return None


def pump(source, sink):
    with contextlib.suppress(OSError, ValueError):
        while octets := source.recv(4096):
            sink.sendall(octets)
    for sock in (source, sink):
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
