"""The moves that many scenarios share.

What a driver does at the charge point, and the way back to an idle charge point between
scenarios.
"""

from books import Tags
from checks import equal
from ocpp.v16 import call

#: What the scenarios rely on; set after every boot.
CONFIGURATION = {
    "AuthorizeRemoteTxRequests": "false",
    "ClockAlignedDataInterval": "0",
    "LocalPreAuthorize": "false",
    "MeterValueSampleInterval": "1",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import",
    "MinimumStatusDuration": "0",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
}

IDLE = {1: "Available", 2: "Available"}


class Bench:
    def __init__(self, system, books, point):
        self.system = system
        self.books = books
        self.point = point
        self._configured_boot = 0

    async def set(self, key, value):
        answer = await self.system.call(call.ChangeConfiguration(key=key, value=value))
        equal(answer.status, "Accepted", f"ChangeConfiguration {key}={value}")

    async def status(self, connector, status, after=None):
        """Waits until that connector reports that status."""
        return await self.books.until(
            "StatusNotification", after, connector_id=connector, status=status
        )

    async def plug(self, connector):
        """Puts the cable in and waits until that is reported."""
        before = self.books.last()
        self.point.tell(f"plug {connector}")
        return await self.status(connector, "Preparing", before)

    async def unplug(self, connector):
        before = self.books.last()
        self.point.tell(f"unplug {connector}")
        return await self.status(connector, "Available", before)

    async def charge(self, connector, id_tag=Tags.DRIVER):
        """Charges at that connector, cable first; returns the entry of the StartTransaction."""
        await self.plug(connector)
        before = self.books.last()
        self.point.tell(f"tag {connector} {id_tag}")
        start = await self.books.until(
            "StartTransaction", before, connector_id=connector, id_tag=id_tag
        )
        await self.status(connector, "Charging", before)
        return start

    async def stopped(self, start, reason):
        """The StopTransaction that belongs to that StartTransaction; it must give `reason`."""
        stop = await self.books.until(
            "StopTransaction", transaction_id=start.answer.transaction_id
        )
        # The specification lets a station leave out the reason "Local".
        equal(stop.params.get("reason", "Local"), reason, "reason")
        return stop

    async def finish(self, connector, start, id_tag=Tags.DRIVER):
        """Stops that session with its tag and takes the cable out."""
        self.point.tell(f"tag {connector} {id_tag}")
        stop = await self.stopped(start, "Local")
        await self.unplug(connector)
        return stop

    async def caught_up(self):
        """Returns once everything the charge point wanted to say before now has been said.

        That includes what it says to the commands so far.
        """
        await self.point.caught_up()
        before = self.books.last()
        answer = await self.system.call(call.TriggerMessage(requested_message="Heartbeat"))
        equal(answer.status, "Accepted", "TriggerMessage Heartbeat")
        await self.books.until("Heartbeat", before)

    async def idle(self):
        """A configured charge point without cables, transactions and unavailable connectors."""
        if not self.system.connected:
            await self._reconnect()
        if not self._is_idle():
            try:
                await self._tidy()
            except Exception:
                await self._restart()
        if self._configured_boot != self.books.boots:
            for key, value in CONFIGURATION.items():
                await self.set(key, value)
            self._configured_boot = self.books.boots

    def _is_idle(self):
        available = all(self.books.statuses.get(n) == status for n, status in IDLE.items())
        return available and not self.books.open and not self.point.plugged

    async def _reconnect(self):
        connections = self.system.connections.mark
        self.point.tell("link up")
        await self.system.connection(connections)
        await self.caught_up()

    async def _tidy(self):
        for transaction_id in list(self.books.open):
            before = self.books.last()
            await self.system.call(call.RemoteStopTransaction(transaction_id=transaction_id))
            await self.books.until("StopTransaction", before, transaction_id=transaction_id)
        for connector in sorted(self.point.plugged):
            self.point.tell(f"unplug {connector}")
        await self.books.until_statuses(IDLE, within=2.0)

    async def _restart(self):
        """After a scenario that went wrong: everything off and on again."""
        self.point.tell("unlock 1 ok")
        await self.system.call(call.ChangeAvailability(connector_id=0, type="Operative"))
        connections = self.system.connections.mark
        await self.system.call(call.Reset(type="Hard"))
        await self.system.connection(connections)
        await self.books.until_statuses(IDLE)
        await self.caught_up()
        self.books.open.clear()
