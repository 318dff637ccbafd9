"""Requests of functional blocks that a charging station need not have: answered all the same."""

from bench import id_token
from checks import equal, holds
from ocpp.exceptions import OCPPError
from ocpp.v201 import call
from topic import Topic

LONG_AGO = "2020-01-01T00:00:00Z"
HASH = {
    "hash_algorithm": "SHA256",
    "issuer_name_hash": "00" * 32,
    "issuer_key_hash": "11" * 32,
    "serial_number": "2a",
}
VARIABLE = {"component": {"name": "TxCtrlr"}, "variable": {"name": "EVConnectionTimeOut"}}

#: Each of them harmless where it is carried out.
REQUESTS = [
    call.CancelReservation(reservation_id=77),
    call.CertificateSigned(certificate_chain="no certificate"),
    call.ClearChargingProfile(charging_profile_id=77),
    call.ClearDisplayMessage(id=77),
    call.ClearVariableMonitoring(id=[77]),
    call.CostUpdated(total_cost=1.5, transaction_id="no-such-transaction"),
    call.CustomerInformation(request_id=77, report=False, clear=False),
    call.DeleteCertificate(certificate_hash_data=HASH),
    call.GetChargingProfiles(request_id=77, charging_profile={"stack_level": 77}),
    call.GetCompositeSchedule(duration=60, evse_id=9),
    call.GetDisplayMessages(request_id=77),
    call.GetInstalledCertificateIds(),
    call.GetLocalListVersion(),
    call.GetMonitoringReport(request_id=77),
    call.GetReport(request_id=77, component_variable=[VARIABLE]),
    call.GetTransactionStatus(),
    call.GetTransactionStatus(transaction_id="no-such-transaction"),
    call.InstallCertificate(certificate_type="CSMSRootCertificate", certificate="none"),
    call.PublishFirmware(location="ftp://127.0.0.1:9/none", checksum="0" * 32, request_id=77),
    call.UnpublishFirmware(checksum="0" * 32),
    call.ReserveNow(id=77, expiry_date_time=LONG_AGO, id_token=id_token("Any"), evse_id=9),
    call.SendLocalList(version_number=1, update_type="Full"),
    call.SetMonitoringLevel(severity=9),
    call.SetVariableMonitoring(
        set_monitoring_data=[{"value": 1, "type": "Delta", "severity": 9, **VARIABLE}]
    ),
]

topic = Topic("other requests")


@topic.scenario("each is answered, or refused as NotImplemented or NotSupported")
async def answered(stage):
    refused = []
    for request in REQUESTS:
        try:
            await stage.system.call(request)
        except OCPPError as error:
            known = error.code in ("NotImplemented", "NotSupported")
            holds(known, f"{request} was answered with {error.code}")
            refused.append(type(request).__name__)
    await stage.bench.caught_up()
    print(f"     refused: {' '.join(refused) or 'none'}")


@topic.scenario("an unknown EVSE cannot be reset")
async def reset_of_evse(stage):
    equal((await stage.system.call(call.Reset(type="OnIdle", evse_id=9))).status, "Rejected")


@topic.scenario("customData is passed over")
async def custom_data(stage):
    request = call.ClearCache(custom_data={"vendorId": "com.example", "any": [1, {"b": None}]})
    equal((await stage.system.call(request)).status, "Accepted", "status")
