"""The package's view of the charging station on one connection; the books give the answers."""

import asyncio

from ocpp.routing import on
from ocpp.v201 import ChargePoint as PackageChargePoint
from ocpp.v201.enums import Action

ANSWER_WITHIN_S = 6.0


class Peer(PackageChargePoint):
    SUBPROTOCOL = "ocpp2.0.1"

    def __init__(self, identity, websocket, books, connection):
        super().__init__(identity, websocket, response_timeout=ANSWER_WITHIN_S)
        self._books = books
        self._number = connection.index

    async def _enter(self, action, message_id, params):
        answer = self._books.enter(self._number, message_id, action, params)
        await asyncio.sleep(self._books.delays.pop(action, 0))
        return answer

    @on(Action.boot_notification)
    async def on_boot_notification(self, call_unique_id, **params):
        return await self._enter("BootNotification", call_unique_id, params)

    @on(Action.heartbeat)
    async def on_heartbeat(self, call_unique_id, **params):
        return await self._enter("Heartbeat", call_unique_id, params)

    @on(Action.authorize)
    async def on_authorize(self, call_unique_id, **params):
        return await self._enter("Authorize", call_unique_id, params)

    @on(Action.transaction_event)
    async def on_transaction_event(self, call_unique_id, **params):
        return await self._enter("TransactionEvent", call_unique_id, params)

    @on(Action.status_notification)
    async def on_status_notification(self, call_unique_id, **params):
        return await self._enter("StatusNotification", call_unique_id, params)

    @on(Action.meter_values)
    async def on_meter_values(self, call_unique_id, **params):
        return await self._enter("MeterValues", call_unique_id, params)

    @on(Action.notify_report)
    async def on_notify_report(self, call_unique_id, **params):
        return await self._enter("NotifyReport", call_unique_id, params)

    @on(Action.notify_event)
    async def on_notify_event(self, call_unique_id, **params):
        return await self._enter("NotifyEvent", call_unique_id, params)

    @on(Action.security_event_notification)
    async def on_security_event_notification(self, call_unique_id, **params):
        return await self._enter("SecurityEventNotification", call_unique_id, params)

    @on(Action.data_transfer)
    async def on_data_transfer(self, call_unique_id, **params):
        return await self._enter("DataTransfer", call_unique_id, params)
