"""The moves that many scenarios share.

What a driver does at the charging station, and the way back to an idle one between scenarios.
"""

from books import Tokens
from checks import NotThere, equal
from ocpp.exceptions import NotImplementedError, NotSupportedError
from ocpp.v201 import call

#: What the scenarios rely on; set after every boot.
SETTINGS = {
    ("AuthCacheCtrlr", "Enabled"): "true",
    ("AuthCtrlr", "AuthorizeRemoteStart"): "false",
    ("AuthCtrlr", "LocalAuthorizeOffline"): "true",
    ("AlignedDataCtrlr", "Interval"): "0",
    ("AuthCtrlr", "LocalPreAuthorize"): "false",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "1",
    (
        "SampledDataCtrlr",
        "TxUpdatedMeasurands",
    ): "Energy.Active.Import.Register,Power.Active.Import",
    (
        "SampledDataCtrlr",
        "TxEndedMeasurands",
    ): "Energy.Active.Import.Register,Power.Active.Import",
    ("TxCtrlr", "StopTxOnEVSideDisconnect"): "true",
    ("TxCtrlr", "StopTxOnInvalidId"): "true",
}

IDLE = {1: "Available", 2: "Available"}


def variable(component, name, **more):
    """A component and one of its variables, as requests have them."""
    return {"component": {"name": component}, "variable": {"name": name}, **more}


def id_token(text, kind="ISO14443"):
    return {"id_token": text, "type": kind}


class Bench:
    def __init__(self, system, books, point):
        self.system = system
        self.books = books
        self.point = point
        #: False where the charging station has no variables yet.
        self.has_variables = True
        self._configured_boot = 0

    async def ask(self, request):
        """Asks for something that may not be there yet."""
        try:
            return await self.system.call(request)
        except (NotImplementedError, NotSupportedError) as error:
            raise NotThere(f"{type(request).__name__}: {error.code}") from None

    async def set(self, component, name, value):
        data = [variable(component, name, attribute_value=value)]
        answer = await self.ask(call.SetVariables(set_variable_data=data))
        [result] = answer.set_variable_result
        equal(result["attribute_status"], "Accepted", f"SetVariables {component}.{name}={value}")

    async def get(self, component, name):
        """The value of a variable."""
        data = [variable(component, name)]
        answer = await self.ask(call.GetVariables(get_variable_data=data))
        [result] = answer.get_variable_result
        equal(result["attribute_status"], "Accepted", f"GetVariables {component}.{name}")
        return result["attribute_value"]

    async def status(self, evse, status, after=None):
        """Waits until the connector of that EVSE reports that status."""
        return await self.books.until(
            "StatusNotification", after, evse_id=evse, connector_status=status
        )

    async def plug(self, evse):
        """Puts the cable in and waits until that is reported."""
        before = self.books.last()
        self.point.tell(f"plug {evse}")
        return await self.status(evse, "Occupied", before)

    async def unplug(self, evse):
        before = self.books.last()
        self.point.tell(f"unplug {evse}")
        return await self.status(evse, "Available", before)

    async def charging(self, transaction):
        """Waits until that transaction is told to be charging."""
        return await self.books.until_event(
            transaction,
            lambda event: event["transaction_info"].get("charging_state") == "Charging",
            what="chargingState Charging",
        )

    async def charge(self, evse, token=Tokens.DRIVER):
        """Charges at that EVSE, cable first; returns the transaction."""
        await self.plug(evse)
        before = self.books.last()
        self.point.tell(f"tag {evse} {token}")
        transaction = await self.books.until_started(evse, token, before)
        await self.charging(transaction)
        return transaction

    async def stopped(self, transaction, reason, trigger):
        """The end of that transaction, which must give that stoppedReason and triggerReason."""
        ended = await self.books.until_event(
            transaction, lambda event: event["event_type"] == "Ended", what="end"
        )
        info = ended.params["transaction_info"]
        # A station may leave out the stoppedReason "Local".
        equal(info.get("stopped_reason", "Local"), reason, "stoppedReason")
        equal(ended.params["trigger_reason"], trigger, "triggerReason")
        return ended

    async def finish(self, transaction, token=Tokens.DRIVER):
        """Stops that session with its token and takes the cable out."""
        self.point.tell(f"tag {transaction.evse} {token}")
        ended = await self.stopped(transaction, "Local", "StopAuthorized")
        equal(ended.params["id_token"]["id_token"], token, "idToken")
        await self.unplug(transaction.evse)
        return ended

    async def update(self, transaction, trigger, after=None):
        """The next event of that transaction with that triggerReason."""
        return await self.books.until_event(
            transaction, lambda event: event["trigger_reason"] == trigger, after, trigger
        )

    async def caught_up(self):
        """Returns once everything the charging station wanted to say before now has been said.

        That includes what it says to the commands so far.
        """
        await self.point.caught_up()
        before = self.books.last()
        answer = await self.system.call(call.TriggerMessage(requested_message="Heartbeat"))
        equal(answer.status, "Accepted", "TriggerMessage Heartbeat")
        await self.books.until("Heartbeat", before)

    async def idle(self):
        """A configured charging station without cables, transactions, unavailable connectors."""
        if not self.system.connected:
            await self._reconnect()
        if not self._is_idle():
            try:
                await self._tidy()
            except Exception:
                await self._restart()
        if self._configured_boot != self.books.boots:
            await self.configure()

    async def configure(self):
        data = [
            variable(component, name, attribute_value=value)
            for (component, name), value in SETTINGS.items()
        ]
        self._configured_boot = self.books.boots
        try:
            answer = await self.ask(call.SetVariables(set_variable_data=data))
        except NotThere:
            # They are as the folder has them, from OCPP 1.6.
            self.has_variables = False
            return
        for result in answer.set_variable_result:
            equal(result["attribute_status"], "Accepted", f"status of {result}")

    def _is_idle(self):
        available = all(self.books.statuses.get(n) == status for n, status in IDLE.items())
        return available and not self.books.open and not self.point.plugged

    async def _reconnect(self):
        connections = self.system.connections.mark
        self.point.tell("link up")
        await self.system.connection(connections)
        await self.caught_up()

    async def _tidy(self):
        for transaction in self.books.open:
            await self.system.call(call.RequestStopTransaction(transaction_id=transaction.id))
            await self.books.until_event(transaction, lambda event: event["event_type"] == "Ended")
        for evse in sorted(self.point.plugged):
            self.point.tell(f"unplug {evse}")
        await self.books.until_statuses(IDLE, within=2.0)

    async def _restart(self):
        """After a scenario that went wrong: everything off and on again."""
        for command in ("unlock 1 ok", "clear 0", "clear 1", "clear 2"):
            self.point.tell(command)
        for evse in sorted(self.point.plugged):
            self.point.tell(f"unplug {evse}")
        await self.system.call(call.ChangeAvailability(operational_status="Operative"))
        connections, before = self.system.connections.mark, self.books.last()
        await self.system.call(call.Reset(type="Immediate"))
        await self.system.connection(connections)
        await self.books.until("BootNotification", before)
        await self.books.until_statuses(IDLE)
        await self.caught_up()
        for transaction in self.books.open:
            del self.books.transactions[transaction.id]
