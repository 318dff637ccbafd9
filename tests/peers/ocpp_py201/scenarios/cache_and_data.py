from checks import equal
from ocpp.v201 import call
from topic import Topic

topic = Topic("cache and data transfer")


async def clear_cache(stage):
    equal((await stage.system.call(call.ClearCache())).status, "Accepted", "status")


@topic.scenario("a cleared cache asks again for a known token")
async def asks_again(stage):
    bench, books = stage.bench, stage.books
    await bench.set("AuthCtrlr", "LocalPreAuthorize", "true")
    await bench.finish(await bench.charge(1))

    await clear_cache(stage)
    asked = len(books.all("Authorize"))
    await bench.finish(await bench.charge(1))
    equal(len(books.all("Authorize")), asked + 1, "Authorize requests after ClearCache")
    await bench.finish(await bench.charge(1))
    equal(len(books.all("Authorize")), asked + 1, "Authorize requests with the token in the cache")
    await bench.set("AuthCtrlr", "LocalPreAuthorize", "false")


@topic.scenario("ClearCache is rejected while there is no cache")
async def no_cache(stage):
    await stage.bench.set("AuthCacheCtrlr", "Enabled", "false")
    try:
        equal((await stage.system.call(call.ClearCache())).status, "Rejected", "status")
    finally:
        await stage.bench.set("AuthCacheCtrlr", "Enabled", "true")


@topic.scenario("a text of an unknown vendor: UnknownVendorId")
async def unknown_vendor(stage):
    await from_unknown_vendor(stage, 'hello "you" é🔌', None)


@topic.scenario("any data of an unknown vendor: UnknownVendorId")
async def unknown_vendor_any(stage):
    await from_unknown_vendor(stage, {"any": ["JSON", 1.5]}, 42, [True])


async def from_unknown_vendor(stage, *contents):
    for data in contents:
        request = call.DataTransfer(
            vendor_id="com.example.nobody", message_id="Greeting", data=data
        )
        equal((await stage.system.call(request)).status, "UnknownVendorId", "status")


@topic.scenario("data of the vendor: an echo, or UnknownMessageId")
async def known_vendor(stage):
    text = 'a "b" é'
    request = call.DataTransfer(vendor_id="ocpp-rs", message_id="Echo", data=text)
    answer = await stage.system.call(request)
    equal((answer.status, answer.data), ("Accepted", text), "answer")
    request = call.DataTransfer(vendor_id="ocpp-rs", message_id="Unheard")
    equal((await stage.system.call(request)).status, "UnknownMessageId", "status")


@topic.scenario("data from the charging station arrives as it was typed")
async def from_station(stage):
    stage.point.tell("data com.example Greeting 42")
    entry = await stage.books.until("DataTransfer")
    wanted = {"vendor_id": "com.example", "message_id": "Greeting", "data": "42"}
    equal(entry.params, wanted, "DataTransfer")
    await stage.point.until("dataTransfer", status="Accepted")


@topic.scenario("data from the charging station with a vendor only")
async def vendor_only(stage):
    stage.point.tell("data com.example")
    entry = await stage.books.until("DataTransfer")
    equal(entry.params, {"vendor_id": "com.example"}, "DataTransfer")
