"""The package's view of the charge point on one connection; the books give the answers."""

import asyncio

from ocpp.routing import on
from ocpp.v16 import ChargePoint as PackageChargePoint
from ocpp.v16.enums import Action

ANSWER_WITHIN_S = 6.0


class Peer(PackageChargePoint):
    SUBPROTOCOL = "ocpp1.6"

    def __init__(self, identity, websocket, books, connection):
        super().__init__(identity, websocket, response_timeout=ANSWER_WITHIN_S)
        self._books = books
        self._number = connection.index

    def _enter(self, action, message_id, params):
        return self._books.enter(self._number, message_id, action, params)

    @on(Action.boot_notification)
    def on_boot_notification(self, call_unique_id, **params):
        return self._enter("BootNotification", call_unique_id, params)

    @on(Action.heartbeat)
    def on_heartbeat(self, call_unique_id, **params):
        return self._enter("Heartbeat", call_unique_id, params)

    @on(Action.authorize)
    def on_authorize(self, call_unique_id, **params):
        return self._enter("Authorize", call_unique_id, params)

    @on(Action.start_transaction)
    def on_start_transaction(self, call_unique_id, **params):
        return self._enter("StartTransaction", call_unique_id, params)

    @on(Action.stop_transaction)
    async def on_stop_transaction(self, call_unique_id, **params):
        answer = self._enter("StopTransaction", call_unique_id, params)
        await asyncio.sleep(self._books.delays.pop("StopTransaction", 0))
        return answer

    @on(Action.status_notification)
    def on_status_notification(self, call_unique_id, **params):
        return self._enter("StatusNotification", call_unique_id, params)

    @on(Action.meter_values)
    def on_meter_values(self, call_unique_id, **params):
        return self._enter("MeterValues", call_unique_id, params)

    @on(Action.firmware_status_notification)
    def on_firmware_status_notification(self, call_unique_id, **params):
        return self._enter("FirmwareStatusNotification", call_unique_id, params)

    @on(Action.diagnostics_status_notification)
    def on_diagnostics_status_notification(self, call_unique_id, **params):
        return self._enter("DiagnosticsStatusNotification", call_unique_id, params)

    @on(Action.log_status_notification)
    def on_log_status_notification(self, call_unique_id, **params):
        return self._enter("LogStatusNotification", call_unique_id, params)

    @on(Action.security_event_notification)
    def on_security_event_notification(self, call_unique_id, **params):
        return self._enter("SecurityEventNotification", call_unique_id, params)

    @on(Action.signed_firmware_status_notification)
    def on_signed_firmware_status_notification(self, call_unique_id, **params):
        return self._enter("SignedFirmwareStatusNotification", call_unique_id, params)

    @on(Action.data_transfer)
    def on_data_transfer(self, call_unique_id, **params):
        return self._enter("DataTransfer", call_unique_id, params)
