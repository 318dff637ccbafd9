from checks import equal
from ocpp.v16 import call
from topic import Topic

topic = Topic("cache and data transfer")


async def clear_cache(stage):
    equal((await stage.system.call(call.ClearCache())).status, "Accepted", "status")


@topic.scenario("ClearCache is accepted")
async def clears(stage):
    await clear_cache(stage)


@topic.scenario("a cleared cache asks again for a known tag")
async def asks_again(stage):
    bench, books = stage.bench, stage.books
    await bench.set("AuthorizationCacheEnabled", "true")
    await bench.set("LocalPreAuthorize", "true")
    await bench.finish(1, await bench.charge(1))

    await clear_cache(stage)
    asked = len(books.all("Authorize"))
    await bench.finish(1, await bench.charge(1))
    equal(len(books.all("Authorize")), asked + 1, "Authorize requests after ClearCache")
    await bench.finish(1, await bench.charge(1))
    equal(len(books.all("Authorize")), asked + 1, "Authorize requests with the tag in the cache")
    await bench.set("LocalPreAuthorize", "false")


@topic.scenario("data of an unknown vendor: UnknownVendorId")
async def unknown_vendor(stage):
    request = call.DataTransfer(
        vendor_id="com.example.nobody", message_id="Greeting", data='hello "you" é🔌'
    )
    equal((await stage.system.call(request)).status, "UnknownVendorId", "status")


@topic.scenario("data from the charge point arrives as it was typed")
async def from_charge_point(stage):
    stage.point.tell("data com.example Greeting 42")
    entry = await stage.books.until("DataTransfer")
    wanted = {"vendor_id": "com.example", "message_id": "Greeting", "data": "42"}
    equal(entry.params, wanted, "DataTransfer")


@topic.scenario("data from the charge point with a vendor only")
async def vendor_only(stage):
    stage.point.tell("data com.example")
    entry = await stage.books.until("DataTransfer")
    equal(entry.params, {"vendor_id": "com.example"}, "DataTransfer")
