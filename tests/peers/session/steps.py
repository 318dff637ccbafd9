"""What a charge point does at each of the central systems, in this order."""

import json

from checks import equal, holds, none
from visit import BLOCKED, CONNECTORS, DRIVER

CALLERROR = 4

#: Set first; the steps rely on it.
CONFIGURATION = {
    "AuthorizeRemoteTxRequests": "false",
    "ClockAlignedDataInterval": "0",
    "LocalPreAuthorize": "false",
    "MeterValueSampleInterval": "1",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import",
    "MinimumStatusDuration": "0",
}

STEPS = []


def step(name):
    def enlist(play):
        STEPS.append((name, play))
        return play

    return enlist


@step("boots, and every connector is Available")
async def boots(visit):
    await visit.system.status("Available", "Available", "Available")
    equal((await visit.system.books())["boots"], 1, "BootNotifications")
    visit.registers = {n: await visit.register(n) for n in CONNECTORS}


@step("takes changes of its configuration, and tells them")
async def configuration(visit):
    system = visit.system
    for key, value in CONFIGURATION.items():
        await system.ask_for("Accepted", "ChangeConfiguration", key=key, value=value)
    change = "ChangeConfiguration"
    await system.ask_for("Rejected", change, key="HeartbeatInterval", value="soon")
    await system.ask_for("Rejected", change, key="NumberOfConnectors", value="3")
    await system.ask_for("NotSupported", change, key="Unheard", value="1")

    some = await system.ask("GetConfiguration", key=[*CONFIGURATION, "Unheard"])
    told = {entry["key"]: entry["value"] for entry in some["configurationKey"]}
    equal(told, CONFIGURATION, "configuration")
    equal(some["unknownKey"], ["Unheard"], "unknownKey")
    every = await system.ask("GetConfiguration")
    told = {entry["key"]: entry.get("value") for entry in every["configurationKey"]}
    equal(told["NumberOfConnectors"], "2", "NumberOfConnectors")
    none(key for key, value in CONFIGURATION.items() if told[key] != value)


@step("charges from plug to unplug, with meter values")
async def local_session(visit):
    transaction_id = await visit.charge(1)
    first = await visit.reading(transaction_id)
    await visit.reading(transaction_id, above=first)
    await visit.finish(1, transaction_id)


@step("starts nothing for an idTag that is Blocked")
async def blocked(visit):
    before = len((await visit.system.books())["transactions"])
    since = visit.point.events.mark
    await visit.plug(2)
    visit.point.tell(f"tag 2 {BLOCKED}")
    await visit.point.until("authorization", since, idTag=BLOCKED, status="Blocked")
    await visit.unplug(2)
    equal(len((await visit.system.books())["transactions"]), before, "number of transactions")


@step("starts and stops when it is asked to")
async def remote(visit):
    system = visit.system
    before = len((await system.books())["transactions"])
    visit.point.tell("power 2 100000")
    await visit.plug(2)
    await system.ask_for("Accepted", "RemoteStartTransaction", connectorId=2, idTag=DRIVER)
    transaction_id = await visit.started(2, before)
    await system.ask_for("Rejected", "RemoteStartTransaction", connectorId=2, idTag=DRIVER)
    await system.ask_for("Rejected", "RemoteStopTransaction", transactionId=transaction_id + 1)
    await visit.reading(transaction_id)
    await system.ask_for("Accepted", "RemoteStopTransaction", transactionId=transaction_id)
    await visit.stopped(transaction_id, "Remote")
    await visit.unplug(2)


@step("sends what is triggered")
async def trigger(visit):
    ask = visit.system.ask_for
    for message in ("Heartbeat", "StatusNotification", "MeterValues"):
        before = visit.heard(message)
        where = {} if message == "Heartbeat" else {"connectorId": 1}
        await ask("Accepted", "TriggerMessage", requestedMessage=message, **where)
        await visit.asked_again(message, before)


@step("goes out of service, and comes back")
async def availability(visit):
    ask = visit.system.ask_for
    await ask("Accepted", "ChangeAvailability", connectorId=2, type="Inoperative")
    await visit.status(2, "Unavailable")
    transaction_id = await visit.charge(1)
    await ask("Scheduled", "ChangeAvailability", connectorId=1, type="Inoperative")
    await visit.reading(transaction_id)
    visit.point.tell(f"tag 1 {DRIVER}")
    await visit.stopped(transaction_id, "Local")
    visit.point.tell("unplug 1")
    await visit.status(1, "Unavailable")
    await ask("Accepted", "ChangeAvailability", connectorId=0, type="Operative")
    await visit.system.status("Available", "Available", "Available")


@step("unlocks, and ends the transaction for it")
async def unlock(visit):
    await visit.system.ask_for("Unlocked", "UnlockConnector", connectorId=1)
    await visit.system.ask_for("NotSupported", "UnlockConnector", connectorId=9)
    transaction_id = await visit.charge(1)
    await visit.reading(transaction_id)
    await visit.system.ask_for("Unlocked", "UnlockConnector", connectorId=1)
    await visit.stopped(transaction_id, "UnlockCommand")
    await visit.unplug(1)


@step("takes and sends data")
async def data_transfer(visit):
    ask = visit.system.ask_for
    echo = {"vendorId": "ocpp-rs", "messageId": "Echo", "data": "a \"b\" é"}
    answer = await ask("Accepted", "DataTransfer", **echo)
    equal(answer["data"], echo["data"], "data")
    await ask("UnknownMessageId", "DataTransfer", vendorId="ocpp-rs", messageId="Unheard")
    await ask("UnknownVendorId", "DataTransfer", vendorId="com.example.unheard")
    since = visit.point.events.mark
    visit.point.tell("data com.example Greeting 42")
    await visit.point.until("dataTransfer", since, status="Accepted")
    equal((await visit.system.books())["dataTransfers"], ["42"], "data")


@step("clears its cache")
async def clear_cache(visit):
    await visit.system.ask_for("Accepted", "ClearCache")


@step("keeps charging while the connection is lost")
async def connection_loss(visit):
    transaction_id = await visit.charge(1)
    before = await visit.reading(transaction_id)
    await visit.link_down()
    visit.point.tell("wait 1.5")
    visit.point.tell("link up")
    await visit.reading(transaction_id, above=before)
    await visit.finish(1, transaction_id)


@step("delivers a session that ended while the connection was lost")
async def ended_offline(visit):
    transaction_id = await visit.charge(2)
    await visit.reading(transaction_id)
    await visit.link_down()
    since = visit.point.events.mark
    visit.point.tell("wait 1.5")
    visit.point.tell(f"tag 2 {DRIVER}")
    await visit.point.until("status", since, connector=2, status="Finishing")
    visit.point.tell("unplug 2")
    visit.point.tell("link up")
    await visit.stopped(transaction_id, "Local")
    await visit.status(2, "Available")
    equal((await visit.system.books())["boots"], 1, "BootNotifications")


@step("resets, Soft in a transaction and Hard without one")
async def reset(visit):
    transaction_id = await visit.charge(1)
    await visit.reading(transaction_id)
    await visit.reset("Soft")
    await visit.stopped(transaction_id, "SoftReset")
    await visit.system.until("its second boot", lambda books: books["boots"] == 2)
    visit.point.tell("unplug 1")
    await visit.system.status("Available", "Available", "Available")
    await visit.reset("Hard")
    await visit.system.until("its third boot", lambda books: books["boots"] == 3)
    await visit.asked_again("StatusNotification", visit.heard("StatusNotification") - 1)


@step("and the books balance")
async def balance(visit):
    transactions = (await visit.system.books())["transactions"]
    for connector in CONNECTORS:
        billed = sum(
            one["meterStop"] - one["meterStart"]
            for one in transactions
            if one["connector"] == connector
        )
        delivered = await visit.register(connector) - visit.registers[connector]
        equal(billed, delivered, f"Wh billed at connector {connector}")
        holds(billed > 0, f"nothing was billed at connector {connector}")
    none(text for _, text in visit.frames() if json.loads(text)[0] == CALLERROR)
    none(visit.point.stray_lines)
    visit.point.tell("quit")
    equal(await visit.point.exit_code(10), 0, "exit code")
