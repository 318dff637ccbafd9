"""One charge point at one central system, and the moves that several steps share."""

import asyncio
import json

from checks import equal, holds

DRIVER = "Driver-1"
BLOCKED = "STOLEN"
CONNECTORS = (1, 2)
#: Enough for some 40 Wh between two readings of the meter.
POWER_W = 150_000


class Visit:
    def __init__(self, system, point):
        self.system = system
        self.point = point
        #: What the registers read before the first session.
        self.registers = {}

    async def register(self, connector):
        """What the meter of that connector reads now, in Wh."""
        since = self.point.events.mark
        self.point.tell("status")
        status = await self.point.events.until(
            lambda event: event.event == "status"
            and event.connector == connector
            and event.energy is not None,
            since,
            what="register",
        )
        return status.energy

    def frames(self, direction=None):
        """Frames so far as (direction, text)."""
        events = self.point.events.since(0, lambda event: event.event == "frame")
        return [(e.dir, e.text) for e in events if direction in (None, e.dir)]

    def heard(self, action):
        """How many CALLs of that action the charge point has sent."""
        frames = [json.loads(text) for _, text in self.frames("out")]
        return sum(frame[0] == 2 and frame[2] == action for frame in frames)

    async def asked_again(self, action, before):
        """Waits for one more CALL of that action than `before`."""
        async with asyncio.timeout(10):
            while self.heard(action) <= before:
                await asyncio.sleep(0.02)

    async def reset(self, kind):
        """Has it reset. The connection ends with the answer: a package may see the end first."""
        since = self.point.events.mark
        await self.system.tell("Reset", type=kind)
        asked = await self.point.events.until(
            lambda event: event.dir == "in" and json.loads(event.text)[2] == "Reset",
            since,
            what="Reset",
        )
        message_id = json.loads(asked.text)[1]
        answer = json.dumps([3, message_id, {"status": "Accepted"}], separators=(",", ":"))
        await self.point.until("frame", asked.index, dir="out", text=answer)

    async def plug(self, connector):
        self.point.tell(f"plug {connector}")
        await self.status(connector, "Preparing")

    async def unplug(self, connector):
        self.point.tell(f"unplug {connector}")
        await self.status(connector, "Available")

    async def status(self, connector, status):
        await self.system.status(*[None] * connector, status)

    async def charge(self, connector):
        """Charges from the moment a cable is plugged in; returns the id of the transaction."""
        before = len((await self.system.books())["transactions"])
        self.point.tell(f"power {connector} {POWER_W}")
        await self.plug(connector)
        self.point.tell(f"tag {connector} {DRIVER}")
        return await self.started(connector, before)

    async def started(self, connector, before):
        """Waits for a transaction after so many others; returns its id."""
        await self.system.until(
            f"transaction number {before + 1}", lambda books: books["transactions"][before:]
        )
        await self.status(connector, "Charging")
        transactions = (await self.system.books())["transactions"]
        equal(len(transactions), before + 1, "number of transactions")
        equal(transactions[-1]["connector"], connector, "connector")
        equal(transactions[-1]["idTag"], DRIVER, "idTag")
        return transactions[-1]["id"]

    async def reading(self, transaction_id, above=None):
        """Waits for a reading of that transaction above what is given; returns it in Wh."""

        def learnt(books):
            [reading] = [
                one.get("reading") for one in books["transactions"] if one["id"] == transaction_id
            ]
            return reading if reading and (above is None or reading > above) else None

        return await self.system.until(f"a reading above {above} Wh", learnt)

    async def stopped(self, transaction_id, reason):
        """Waits for the end of that transaction and checks what is billed for it."""

        def learnt(books):
            [one] = [one for one in books["transactions"] if one["id"] == transaction_id]
            return one if one.get("meterStop") is not None else None

        one = await self.system.until(f"the end of {transaction_id}", learnt)
        # The specification lets a charge point leave out the reason "Local".
        equal(one.get("reason") or "Local", reason, "reason")
        equal(one["meterStop"], await self.register(one["connector"]), "meterStop")
        holds(one["meterStop"] > one["meterStart"], f"no energy in {one}")
        reading = one.get("reading") or one["meterStart"]
        holds(one["meterStart"] <= reading <= one["meterStop"], f"the reading in {one}")
        return one

    async def finish(self, connector, transaction_id):
        self.point.tell(f"tag {connector} {DRIVER}")
        await self.stopped(transaction_id, "Local")
        await self.status(connector, "Finishing")
        await self.unplug(connector)

    async def link_down(self):
        since = self.point.events.mark
        self.point.tell("link down")
        await self.point.until("disconnected", since)
