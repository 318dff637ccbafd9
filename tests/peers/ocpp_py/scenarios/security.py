from checks import equal, holds
from ocpp.v16 import call
from topic import Topic

from .files import PAST, server

topic = Topic("security")

LOG = "LogStatusNotification"
ROOT = "CentralSystemRootCertificate"


async def get_log(stage, url, kind, number):
    log = {"remoteLocation": url}
    request = call.GetLog(log=log, log_type=kind, request_id=number)
    return await stage.system.call(request)


async def log(stage, kind, number):
    with server() as (url, put):
        answer = await get_log(stage, url, kind, number)
        equal(answer.status, "Accepted", "status of GetLog")
        await stage.books.until(LOG, status="Uploaded", request_id=number)
        holds(f"/{answer.filename}" in put, f"{answer.filename} is not among {list(put)}")
    statuses = [entry.params["status"] for entry in stage.books.all(LOG)]
    equal(statuses, ["Uploading", "Uploaded"], LOG)


@topic.scenario("GetLog: diagnostics")
async def diagnostics(stage):
    await log(stage, "DiagnosticsLog", 1)


@topic.scenario("GetLog: the security log")
async def security_log(stage):
    await log(stage, "SecurityLog", 2)


@topic.scenario("GetLog: a server that is not there")
async def no_server(stage):
    answer = await get_log(stage, "http://127.0.0.1:9/", "SecurityLog", 3)
    equal(answer.status, "Accepted", "status of GetLog")
    await stage.books.until(LOG, status="UploadFailure", request_id=3)


@topic.scenario("ExtendedTriggerMessage: what is known, and what is not known without CpoName")
async def extended_trigger(stage):
    for message, status in [
        ("Heartbeat", "Accepted"),
        ("LogStatusNotification", "Accepted"),
        ("FirmwareStatusNotification", "Accepted"),
        ("SignChargePointCertificate", "Rejected"),
    ]:
        request = call.ExtendedTriggerMessage(requested_message=message)
        answer = await stage.system.call(request)
        equal(answer.status, status, message)
    await stage.books.until(LOG, status="Idle")
    await stage.books.until("SignedFirmwareStatusNotification", status="Idle")


@topic.scenario("SignedUpdateFirmware: a certificate that is none")
async def bad_signing_certificate(stage):
    firmware = {
        "location": "http://127.0.0.1:9/image.bin",
        "retrieveDateTime": PAST,
        "signingCertificate": "no certificate",
        "signature": "c2ln",
    }
    request = call.SignedUpdateFirmware(request_id=4, firmware=firmware)
    answer = await stage.system.call(request)
    equal(answer.status, "InvalidCertificate", "status of SignedUpdateFirmware")


@topic.scenario("certificates: none is installed, and what is none cannot be")
async def no_certificates(stage):
    request = call.InstallCertificate(certificate_type=ROOT, certificate="no certificate")
    answer = await stage.system.call(request)
    equal(answer.status, "Rejected", "status of InstallCertificate")
    answer = await stage.system.call(call.GetInstalledCertificateIds(certificate_type=ROOT))
    equal(answer.status, "NotFound", "status of GetInstalledCertificateIds")
    named = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "aa",
        "issuerKeyHash": "bb",
        "serialNumber": "fff",
    }
    answer = await stage.system.call(call.DeleteCertificate(certificate_hash_data=named))
    equal(answer.status, "NotFound", "status of DeleteCertificate")
    answer = await stage.system.call(call.CertificateSigned(certificate_chain="no chain"))
    equal(answer.status, "Rejected", "status of CertificateSigned")


@topic.scenario("keys: a security profile that cannot be, and a key that is none")
async def keys(stage):
    for key, value in [
        ("SecurityProfile", "0"),
        ("SecurityProfile", "3"),
        ("AuthorizationKey", "too short"),
    ]:
        answer = await stage.system.call(call.ChangeConfiguration(key=key, value=value))
        equal(answer.status, "Rejected", f"status of {key}={value}")
    answer = await stage.system.call(call.GetConfiguration(key=["AuthorizationKey"]))
    equal(answer.configuration_key, [{"key": "AuthorizationKey", "readonly": False}], "entry")
