# SPDX-License-Identifier: Apache-2.0

"""A server of files over HTTP, good and bad ones."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        files = self.server.files
        files.asked.append(self.path)
        files.authorizations.append(self.headers.get("Authorization"))
        name, *words = self.path.strip("/").split("/")
        getattr(self, f"_{name}")(files.content, *words)

    def do_PUT(self):
        files = self.server.files
        files.asked.append(self.path)
        _, place, _ = self.path.split("/")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if place == "lead":
            return self._answer(307, b"", Location=self.path.replace("lead", "store"))
        if place == "store":
            files.delivered[self.path] = body
        self._answer(201 if place == "store" else 403, b"")

    def _answer(self, status, body, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _good(self, content):
        self._answer(200, content)

    def _empty(self, _):
        self._answer(200, b"")

    def _missing(self, _):
        self._answer(404, b"not here")

    def _broken(self, _):
        self._answer(500, b"not now")

    def _truncated(self, content):
        """All of it was promised."""
        self._answer(200, content[: len(content) // 2], len(content))
        self.close_connection = True

    def _dies(self, content):
        self._answer(200, content[: len(content) * 9 // 10], len(content))
        self.connection.close()

    def _silent(self, content):
        """It says nothing any more at 90 %."""
        self._answer(200, content[: len(content) * 9 // 10], len(content))
        self.server.files.closes.wait(30)
        self.close_connection = True

    def _slow(self, content):
        """It takes longer than it may say nothing."""
        self._answer(200, content[:1000], len(content))
        for at in range(1000, len(content), 10_000):
            self.server.files.closes.wait(0.3)
            self.wfile.write(content[at : at + 10_000])

    def _chunked(self, content):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(content), 7001):
            chunk = content[at : at + 7001]
            self.wfile.write(f"{len(chunk):x};x=y\r\n".encode() + chunk + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _endless(self, content):
        """Its length is not told: it ends with the connection."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def _redirect(self, _, count):
        """So many times."""
        left = int(count) - 1
        if left % 2:
            to = f"/redirect/{left}"
        else:
            to = f"{self.server.files.url}/{f'redirect/{left}' if left else 'good'}"
        self._answer(302, b"look there", Location=to)


class FileServer:
    def __init__(self):
        self.content = b""
        self.asked = []
        self.authorizations = []
        self.delivered = {}
        self.closes = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.files = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.closes.set()
        self._server.shutdown()
        self._server.server_close()
