from urllib.parse import unquote

from checks import equal, holds
from topic import Topic

topic = Topic("boot", as_found=True)


@topic.scenario("the handshake offers ocpp1.6 and the percent-encoded identity")
async def handshake(stage):
    connection = await stage.system.connection(0)
    request = connection.websocket.request
    equal(request.path.upper(), "/OCPP/CP%207%2F%C3%A4", "path")
    equal(unquote(request.path.rsplit("/", 1)[1]), stage.identity, "identity")
    equal(request.headers["Sec-WebSocket-Protocol"], "ocpp1.6", "offered subprotocol")
    equal(connection.websocket.subprotocol, "ocpp1.6", "subprotocol")
    await stage.point.until("connected")


@topic.scenario("BootNotification is the first CALL")
async def first_call(stage):
    first = await stage.books.calls.until(lambda _: True, what="CALL")
    equal(first.action, "BootNotification", "first CALL")
    holds(first.params["charge_point_vendor"], "no vendor")
    holds(first.params["charge_point_model"], "no model")


@topic.scenario("connectors 0, 1 and 2 are reported Available")
async def statuses(stage):
    calls = stage.books.calls

    def reports():
        return calls.since(0, lambda entry: entry.action == "StatusNotification")

    await calls.until(lambda _: len(reports()) >= 3, what="third StatusNotification")
    first_three = [entry.params for entry in reports()[:3]]
    equal([params["connector_id"] for params in first_three], [0, 1, 2], "connectors")
    for params in first_three:
        equal(params["status"], "Available", "status")
        equal(params["error_code"], "NoError", "errorCode")
