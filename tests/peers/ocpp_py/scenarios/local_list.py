from books import Tags
from checks import equal
from ocpp.v16 import call
from topic import Topic

topic = Topic("local list")


def accepted(id_tag, **info):
    return {"id_tag": id_tag, "id_tag_info": {"status": "Accepted", **info}}


async def send(stage, kind, version, entries, status="Accepted"):
    request = call.SendLocalList(
        list_version=version, update_type=kind, local_authorization_list=entries
    )
    answer = await stage.system.call(request)
    equal(answer.status, status, f"answer to {kind} {version} of {entries}")


async def has_version(stage, version):
    answer = await stage.system.call(call.GetLocalListVersion())
    equal(answer.list_version, version, "listVersion")


async def clear(stage):
    """Nothing is left for the scenarios behind."""
    await send(stage, "Full", 1000, [])
    await has_version(stage, 0)


@topic.scenario("an empty list has version 0")
async def empty(stage):
    await has_version(stage, 0)


@topic.scenario("a full list, changes to it, and no list")
async def updates(stage):
    blocked = {"id_tag": "Listed-2", "id_tag_info": {"status": "Blocked"}}
    await send(stage, "Full", 5, [accepted("Listed-1"), blocked])
    await has_version(stage, 5)
    changes = [accepted("Listed-2"), {"id_tag": "Listed-1"}, accepted("Listed-3")]
    await send(stage, "Differential", 6, changes)
    await has_version(stage, 6)
    await clear(stage)
    answer = await stage.system.call(call.SendLocalList(list_version=7, update_type="Full"))
    equal(answer.status, "Accepted", "status without a list")
    await has_version(stage, 0)


@topic.scenario("an idTag of the list charges without being asked for")
async def charges(stage):
    bench = stage.bench
    await send(stage, "Full", 2, [accepted(Tags.DRIVER)])
    await bench.set("LocalPreAuthorize", "true")
    start = await bench.charge(1)
    equal(stage.books.all("Authorize"), [], "Authorize requests")
    await bench.finish(1, start)
    await bench.set("LocalPreAuthorize", "false")
    await clear(stage)


@topic.scenario("a contradiction is told: LocalListConflict")
async def conflict(stage):
    await send(stage, "Full", 2, [accepted(Tags.BLOCKED)])
    await stage.bench.plug(1)
    stage.point.tell(f"tag 1 {Tags.BLOCKED}")
    await stage.books.until(
        "StatusNotification", connector_id=0, error_code="LocalListConflict"
    )
    await stage.bench.unplug(1)
    await clear(stage)


@topic.scenario("an old version: VersionMismatch")
async def old_version(stage):
    await send(stage, "Full", 5, [accepted("Listed-1")])
    for old in (5, 4, 1):
        await send(stage, "Differential", old, [], "VersionMismatch")
    await has_version(stage, 5)
    await clear(stage)


@topic.scenario("what is wrong changes nothing: Failed")
async def failed(stage):
    await send(stage, "Full", 5, [accepted("Listed-1")])
    twice = [accepted("Listed-2"), accepted("LISTED-2")]
    for kind, version, entries in (
        ("Full", 0, []),
        ("Full", -1, []),
        ("Full", 6, twice),
        ("Differential", 6, twice),
        ("Differential", 6, [{"id_tag": "Listed-1"}, accepted("Listed-1")]),
        ("Full", 6, [{"id_tag": "Listed-1"}]),
    ):
        await send(stage, kind, version, entries, "Failed")
    await has_version(stage, 5)
    await clear(stage)


@topic.scenario("as many entries as the keys say, and not one more")
async def most(stage):
    keys = ["LocalAuthListMaxLength", "SendLocalListMaxLength"]
    answer = await stage.system.call(call.GetConfiguration(key=keys))
    values = {found["key"]: int(found["value"]) for found in answer.configuration_key}
    longest, at_once = (values[key] for key in keys)
    info = {"expiry_date": "2046-01-01T00:00:00Z", "parent_id_tag": "04A1B2C3D4E5F607182A"}

    def entries(begin, end):
        return [accepted(f"04A1B2C3D4E5F607{number:04}", **info) for number in range(begin, end)]

    await send(stage, "Full", 1, entries(0, at_once + 1), "Failed")
    version = 0
    for begin in range(0, longest, at_once):
        version += 1
        await send(stage, "Differential", version, entries(begin, min(begin + at_once, longest)))
    await send(stage, "Differential", version + 1, entries(longest, longest + 1), "Failed")
    await has_version(stage, version)
    await clear(stage)


@topic.scenario("switched off: NotSupported, and version -1")
async def switched_off(stage):
    await stage.bench.set("LocalAuthListEnabled", "false")
    await has_version(stage, -1)
    await send(stage, "Full", 5, [accepted("Listed-1")], "NotSupported")
    await stage.bench.set("LocalAuthListEnabled", "true")
    await has_version(stage, 0)


@topic.scenario("an updateType that there is not: PropertyConstraintViolation")
async def no_such_type(stage):
    request = {"listVersion": 1, "updateType": "Partial"}
    code = await stage.system.malformed_call("SendLocalList", request)
    equal(code, "PropertyConstraintViolation", "error code")
    await has_version(stage, 0)


@topic.scenario("an entry without an idTag: ProtocolError")
async def no_id_tag(stage):
    entries = [{"idTag": "Listed-1"}, {"idTagInfo": {"status": "Accepted"}}]
    request = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": entries}
    equal(await stage.system.malformed_call("SendLocalList", request), "ProtocolError", "code")
    await has_version(stage, 0)
