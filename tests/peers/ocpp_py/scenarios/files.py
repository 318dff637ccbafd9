import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

topic = Topic("firmware and diagnostics")

PAST = "2001-01-01T00:00:00Z"
FIRMWARE = "FirmwareStatusNotification"
DIAGNOSTICS = "DiagnosticsStatusNotification"


@contextmanager
def server():
    """A server of files: its URL, and what was put there by its path."""
    put = {}

    class Handler(BaseHTTPRequestHandler):
        def answer(self, status, body=b"", **headers):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            match self.path:
                case "/image.bin":
                    self.answer(200, b"an image of the firmware")
                case "/moved":
                    self.answer(301, Location="/image.bin")
                case "/empty":
                    self.answer(200)
                case "/truncated":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b"x" * 900)
                case _:
                    self.answer(404)

        def do_PUT(self):
            length = int(self.headers["Content-Length"])
            put[self.path] = self.rfile.read(length).decode()
            self.answer(201)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}", put
    finally:
        http.shutdown()
        http.server_close()


async def update(stage, location, **more):
    request = call.UpdateFirmware(location=location, retrieve_date=PAST, **more)
    await stage.system.call(request)


async def told(stage, action, wanted):
    """Exactly these statuses are told in this scenario."""
    await stage.books.until(action, status=wanted[-1])
    equal([entry.params["status"] for entry in stage.books.all(action)], wanted, action)


@topic.scenario("an image is downloaded, installed and told of after the reboot")
async def good_image(stage):
    boots = stage.books.boots
    with server() as (url, _):
        await update(stage, f"{url}/moved", retries=1, retry_interval=0)
        await told(stage, FIRMWARE, ["Downloading", "Downloaded", "Installing", "Installed"])
    equal(stage.books.boots, boots + 1, "boots")


def failing(path, **more):
    async def scenario(stage):
        with server() as (url, _):
            await update(stage, f"{url}{path}", **more)
            await told(stage, FIRMWARE, ["Downloading", "DownloadFailed"])

    return scenario


for what, path in {
    "that is not there": "/missing",
    "that is empty": "/empty",
    "that is truncated": "/truncated",
}.items():
    topic.scenario(f"an image {what}: DownloadFailed")(
        failing(path, retries=1, retry_interval=0)
    )


@topic.scenario("a location of an unknown protocol: DownloadFailed")
async def unknown_protocol(stage):
    await update(stage, "gopher://127.0.0.1/image")
    await told(stage, FIRMWARE, ["DownloadFailed"])


@topic.scenario("an image that cannot be installed: InstallationFailed")
async def bad_image(stage):
    stage.point.tell("firmware fail")
    with server() as (url, _):
        await update(stage, f"{url}/image.bin")
        wanted = ["Downloading", "Downloaded", "Installing", "InstallationFailed"]
        await told(stage, FIRMWARE, wanted)
    stage.point.tell("firmware ok")
    await stage.books.until_statuses({1: "Available", 2: "Available"})


@topic.scenario("diagnostics are put into the folder under the name that was told")
async def good_diagnostics(stage):
    with server() as (url, put):
        request = call.GetDiagnostics(location=f"{url}/logs/", start_time=PAST, retries=0)
        answer = await stage.system.call(request)
        await told(stage, DIAGNOSTICS, ["Uploading", "Uploaded"])
        holds("BootNotification" in put[f"/logs/{answer.file_name}"], "no boot in it")


@topic.scenario("diagnostics that nothing takes: UploadFailed")
async def bad_diagnostics(stage):
    await stage.system.call(call.GetDiagnostics(location="ftp://127.0.0.1:9/"))
    await told(stage, DIAGNOSTICS, ["Uploading", "UploadFailed"])


@topic.scenario("UpdateFirmware without retrieveDate: ProtocolError")
async def no_date(stage):
    code = await stage.system.malformed_call("UpdateFirmware", {"location": "http://127.0.0.1/"})
    equal(code, "ProtocolError", "code")


@topic.scenario("GetDiagnostics with a number for its location: TypeConstraintViolation")
async def no_location(stage):
    code = await stage.system.malformed_call("GetDiagnostics", {"location": 7})
    equal(code, "TypeConstraintViolation", "code")
