# SPDX-License-Identifier: Apache-2.0

"""What the central system installs, issues and signs (security whitepaper, 3rd edition)."""

import base64
import hashlib
import sys
from pathlib import Path

import pki
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from front import Front

# Behind: it has a charge_point.py of its own.
sys.path.append(str(Path(__file__).parents[2] / "firmware-update" / "pytest"))

import boot_loader  # noqa: E402
from file_server import FileServer  # noqa: E402

PASSWORD = b"0123456789abcdef"
LOGIN = b"security:" + PASSWORD
ROOT, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"
ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}
NOW = "2020-01-01T00:00:00Z"


# A certificate that cannot be read, as one of several.
UNREADABLE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def install(charge_point, authority, used=ROOT):
    certificate = authority.pem.decode()
    return charge_point.ask("InstallCertificate", certificateType=used, certificate=certificate)


def configure(charge_point, key, value):
    return charge_point.ask("ChangeConfiguration", key=key, value=value)


def begin_with_a_password(charge_point):
    """Security profile 1, no certificates."""
    charge_point.front.login = LOGIN
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.image.says("boot notification")


def raise_to_tls(charge_point):
    """Security profile 2, by a root that is installed."""
    begin_with_a_password(charge_point)
    assert configure(charge_point, "SecurityProfile", "2") == REJECTED
    assert install(charge_point, charge_point.authority) == ACCEPTED
    charge_point.server()
    assert configure(charge_point, "SecurityProfile", "2") == ACCEPTED
    assert charge_point.is_connected_again(0, times=2)
    assert charge_point.image.says("security profile 2: used")
    assert charge_point.front.logins[-1] == LOGIN


def request(charge_point, times=1, of_this_process=None):
    """The request for a certificate that the charge point makes when it is asked to."""
    asked = {"requestedMessage": "SignChargePointCertificate"}
    assert charge_point.ask("ExtendedTriggerMessage", **asked) == ACCEPTED
    assert charge_point.is_told("SignCertificate", times)
    assert charge_point.image.says(
        "a certificate is asked for", times=of_this_process or times
    )
    return charge_point.calls("SignCertificate")[-1]["csr"].encode()


def issued(charge_point, chain):
    return charge_point.ask("CertificateSigned", certificateChain=chain.decode())


def test_roots_are_installed_told_of_and_deleted(charge_point):
    begin_with_a_password(charge_point)
    used = {"certificateType": ROOT}
    assert charge_point.ask("GetInstalledCertificateIds", **used) == {"status": "NotFound"}
    assert install(charge_point, charge_point.authority) == ACCEPTED
    answer = charge_point.ask("GetInstalledCertificateIds", **used)
    (told,) = answer["certificateHashData"]
    root = charge_point.authority.certificate
    point = root.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert told["hashAlgorithm"] == "SHA256"
    assert told["issuerNameHash"] == hashlib.sha256(root.issuer.public_bytes()).hexdigest()
    assert told["issuerKeyHash"] == hashlib.sha256(point).hexdigest()
    assert told["serialNumber"] == f"{root.serial_number:x}"
    deleted = charge_point.ask("DeleteCertificate", certificateHashData=told)
    assert deleted == ACCEPTED
    assert charge_point.ask("GetInstalledCertificateIds", **used) == {"status": "NotFound"}


def test_what_is_no_good_root_is_rejected(charge_point):
    begin_with_a_password(charge_point)
    other = pki.Authority("Other")
    # An authority that another one has signed, a leaf, one that has expired, half a text.
    for certificate in [
        charge_point.authority.issue("Leaf").pem,
        charge_point.authority.pem[:300],
        b"no certificate",
        charge_point.authority.pem + other.pem,
        charge_point.authority.pem + UNREADABLE,
        pki.Authority("Old", begin=-9 * pki.DAY, end=-pki.DAY).pem,
        pki.forged(charge_point.authority).pem,
    ]:
        asked = {"certificateType": ROOT, "certificate": certificate.decode()}
        assert charge_point.ask("InstallCertificate", **asked) == REJECTED, certificate


def test_a_raise_to_tls_lasts(charge_point):
    raise_to_tls(charge_point)
    charge_point.lose_power()
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.is_connected_again(1)
    assert configure(charge_point, "SecurityProfile", "1") == REJECTED


def test_a_certificate_is_asked_for_issued_and_used(charge_point):
    raise_to_tls(charge_point)
    assert configure(charge_point, "SecurityProfile", "3") == REJECTED
    asked = {"requestedMessage": "SignChargePointCertificate"}
    assert charge_point.ask("ExtendedTriggerMessage", **asked) == REJECTED
    assert configure(charge_point, "CpoName", "Operator, Ltd") == ACCEPTED
    csr = request(charge_point)
    subject = x509.load_pem_x509_csr(csr).subject
    (name,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    (organization,) = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert (name.value, organization.value) == ("SN-0815", "Operator, Ltd")

    # Of another key, of another authority, no certificate.
    assert issued(charge_point, charge_point.authority.issue("SN-0815").pem) == REJECTED
    assert issued(charge_point, pki.Authority("Other").answer(csr)) == REJECTED
    assert issued(charge_point, csr) == REJECTED
    certificate = charge_point.authority.answer(csr)
    assert issued(charge_point, certificate) == ACCEPTED

    secured = charge_point.front.secured
    server = charge_point.authority.issue(addresses=["127.0.0.1"])
    charge_point.front.secure(charge_point.folder, server, clients=charge_point.authority)
    assert configure(charge_point, "SecurityProfile", "3") == ACCEPTED
    charge_point.front.login = None
    assert charge_point.is_connected_again(secured, times=3)
    assert charge_point.image.says("security profile 3: used")
    shown = x509.load_der_x509_certificate(charge_point.front.shown[-1])
    assert shown == x509.load_pem_x509_certificate(certificate)
    assert charge_point.front.logins[-1] is None

    # It is there after a power loss, and replaced by the next one at once.
    charge_point.lose_power()
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.is_connected_again(secured + 1)
    assert charge_point.image.says("boot notification")
    before = charge_point.front.secured
    certificate = charge_point.authority.answer(request(charge_point))
    assert issued(charge_point, certificate) == ACCEPTED
    assert charge_point.is_connected_again(before, times=2)
    shown = x509.load_der_x509_certificate(charge_point.front.shown[-1])
    assert shown == x509.load_pem_x509_certificate(certificate)


def test_a_request_without_an_answer_waits_over_restarts(charge_point):
    raise_to_tls(charge_point)
    assert configure(charge_point, "CpoName", "Operator") == ACCEPTED
    asked = {"requestedMessage": "SignChargePointCertificate"}
    charge_point.station.rules["SignCertificate"] = "silence"
    assert charge_point.ask("ExtendedTriggerMessage", **asked) == ACCEPTED
    assert charge_point.is_told("SignCertificate")
    charge_point.lose_power()
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.is_told("SignCertificate", 2)
    charge_point.lose_power()
    charge_point.station.rules["SignCertificate"] = 'answer {"status":"Accepted"}'
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.is_told("SignCertificate", 3)
    assert charge_point.image.says("a certificate is asked for")
    first, *others = [call["csr"].encode() for call in charge_point.calls("SignCertificate")]
    key = x509.load_pem_x509_csr(first).public_key()
    assert [x509.load_pem_x509_csr(csr).public_key() for csr in others] == [key, key]

    # What was answered is not asked for again; its certificate may still come.
    charge_point.lose_power()
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.is_online(4)
    assert issued(charge_point, charge_point.authority.answer(first)) == ACCEPTED
    assert len(charge_point.calls("SignCertificate")) == 3
    # A new key is another one, and takes nothing from the certificate that was issued.
    csr = request(charge_point, 4, of_this_process=1)
    assert x509.load_pem_x509_csr(csr).public_key() != key
    assert issued(charge_point, charge_point.authority.answer(first)) == ACCEPTED


def test_the_application_asks_for_a_certificate(charge_point):
    raise_to_tls(charge_point)
    assert charge_point.do("request certificate") != "0"
    assert configure(charge_point, "CpoName", "Operator") == ACCEPTED
    assert charge_point.do("request certificate") == "0"
    assert charge_point.is_told("SignCertificate")
    csr = charge_point.calls("SignCertificate")[0]["csr"].encode()
    assert issued(charge_point, charge_point.authority.answer(csr)) == ACCEPTED


def test_the_application_reports_a_security_event(charge_point):
    begin_with_a_password(charge_point)
    assert charge_point.do("tamper") == "0"
    assert charge_point.until(lambda: "TamperDetectionActivated" in charge_point.events())
    (told,) = [
        call
        for call in charge_point.calls("SecurityEventNotification")
        if call["type"] == "TamperDetectionActivated"
    ]
    assert told["techInfo"] == "lid"


def test_the_shell_shows_certificates(charge_point):
    begin_with_a_password(charge_point)
    assert "no certificates" in charge_point.do("ocpp certificates")
    assert install(charge_point, charge_point.authority) == ACCEPTED
    root = charge_point.authority.certificate
    shown = "\n".join(charge_point.do("ocpp certificates"))
    end = root.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"0   {ROOT}, until {end}" in shown
    assert hashlib.sha256(root.issuer.public_bytes()).hexdigest() in shown
    assert f"serial number {root.serial_number:x}" in shown


def test_a_new_password_is_used_at_once_and_kept(charge_point):
    begin_with_a_password(charge_point)
    charge_point.front.login = None
    key = bytes(range(16, 36))
    assert configure(charge_point, "AuthorizationKey", key.hex()) == ACCEPTED
    assert charge_point.until(lambda: charge_point.front.logins[-1] == b"security:" + key)
    lines = charge_point.image.lines
    charge_point.lose_power()
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.until(lambda: len(charge_point.front.logins) > 2)
    assert charge_point.front.logins[-1] == b"security:" + key
    assert not any(key.hex() in line for line in lines + charge_point.image.lines)


@pytest.fixture
def files():
    server = FileServer()
    yield server
    server.close()


def sign(key, content, scheme):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(content, ec.ECDSA(hashes.SHA256()))
    salted = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    return key.sign(content, salted if scheme == "pss" else padding.PKCS1v15(), hashes.SHA256())


def update(charge_point, files, issued, signature, place="good"):
    firmware = {
        "location": f"{files.url}/{place}",
        "retrieveDateTime": NOW,
        "signingCertificate": issued.pem.decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return charge_point.ask("SignedUpdateFirmware", requestId=7, firmware=firmware)


def statuses(charge_point):
    return [call["status"] for call in charge_point.calls("SignedFirmwareStatusNotification")]


def says(charge_point, *wanted):
    told = charge_point.until(lambda: len(statuses(charge_point)) >= len(wanted))
    return told and statuses(charge_point) == list(wanted)


@pytest.mark.parametrize("scheme", ["ecdsa", "pss"])
def test_signed_firmware_is_verified_and_installed(charge_point, files, scheme):
    boot_loader.program(charge_point.flash, boot_loader.image(version=1))
    begin_with_a_password(charge_point)
    manufacturer = pki.Authority("Manufacturer")
    assert install(charge_point, manufacturer, MANUFACTURER) == ACCEPTED
    signer = manufacturer.issue("Signer", key=pki.rsa_key() if scheme == "pss" else None)
    files.content = boot_loader.image(version=2)
    signature = sign(signer.key, files.content, scheme)
    assert update(charge_point, files, signer, signature) == ACCEPTED
    charge_point.reset()
    assert boot_loader.boot(charge_point.flash)
    charge_point.start(roots=False, password=PASSWORD)
    installed = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting"]
    told = charge_point.until(lambda: "Installed" in statuses(charge_point))
    print(statuses(charge_point))
    assert told and set(statuses(charge_point)) <= {*installed, "Installed"}
    assert statuses(charge_point)[:3] == installed[:3]


@pytest.mark.parametrize("what", ["another-file", "another-key", "v1.5", "cut-off"])
def test_a_wrong_signature_is_not_installed(charge_point, files, what):
    boot_loader.program(charge_point.flash, boot_loader.image(version=1))
    begin_with_a_password(charge_point)
    manufacturer = pki.Authority("Manufacturer")
    assert install(charge_point, manufacturer, MANUFACTURER) == ACCEPTED
    key = pki.rsa_key() if what == "v1.5" else None
    signer = manufacturer.issue("Signer", key=key)
    files.content = boot_loader.image(version=2)
    signed = b"another" if what == "another-file" else files.content
    by = manufacturer.issue("Other").key if what == "another-key" else signer.key
    signature = sign(by, signed, what)
    if what == "cut-off":
        signature = signature[:-1]
    assert update(charge_point, files, signer, signature) == ACCEPTED
    assert says(charge_point, "Downloading", "Downloaded", "InvalidSignature")


def test_a_signing_certificate_that_is_not_good(charge_point, files):
    begin_with_a_password(charge_point)
    manufacturer, other = pki.Authority("Manufacturer"), pki.Authority("Other")
    assert install(charge_point, manufacturer, MANUFACTURER) == ACCEPTED
    for signer in [
        other.issue("Signer"),
        manufacturer.issue("Signer", begin=-9 * pki.DAY, end=-pki.DAY),
        manufacturer.issue("Signer", begin=pki.DAY),
        # Of nothing that is trusted, with a text behind it that spoils the reading.
        pki.Text(other.issue("Signer").pem + UNREADABLE),
        pki.Text(UNREADABLE),
    ]:
        answer = update(charge_point, files, signer, b"signature")
        assert answer == {"status": "InvalidCertificate"}, signer.pem
    assert files.asked == []


def test_firmware_is_fetched_over_https(charge_point, files):
    boot_loader.program(charge_point.flash, boot_loader.image(version=1))
    charge_point.server()
    charge_point.start()
    assert charge_point.image.says("boot notification")
    secure = secure_files(charge_point, files, charge_point.authority)
    files.content = boot_loader.image(version=2)
    location = f"https://127.0.0.1:{secure.port}/good"
    answer = charge_point.ask("UpdateFirmware", location=location, retrieveDate=NOW)
    assert answer == {}
    charge_point.reset()
    assert boot_loader.boot(charge_point.flash)
    assert secure.secured == 1
    secure.close()


def secure_files(charge_point, files, authority):
    """The server of files behind TLS, with a certificate of that authority."""
    secure = Front(int(files.url.rsplit(":", 1)[1]))
    issued = authority.issue(addresses=["127.0.0.1"])
    secure.secure(charge_point.folder, issued, name="files")
    return secure


def test_files_are_fetched_and_delivered_by_installed_roots(charge_point, files):
    boot_loader.program(charge_point.flash, boot_loader.image(version=1))
    begin_with_a_password(charge_point)
    secure = secure_files(charge_point, files, charge_point.authority)
    url = f"https://127.0.0.1:{secure.port}"
    # Nothing leads to it yet.
    asked = {"logType": "DiagnosticsLog", "retries": 0}
    log = {"remoteLocation": f"{url}/store"}
    charge_point.ask("GetLog", log=log, requestId=1, **asked)
    assert charge_point.image.says(
        "the certificate of the server is refused: no root certificate leads to it"
    )
    assert secure.secured == 0
    assert install(charge_point, charge_point.authority) == ACCEPTED
    charge_point.ask("GetLog", log=log, requestId=2, **asked)
    assert charge_point.until(lambda: files.delivered)
    assert secure.secured == 1
    files.content = boot_loader.image(version=2)
    assert charge_point.ask("UpdateFirmware", location=f"{url}/good", retrieveDate=NOW) == {}
    charge_point.reset()
    assert boot_loader.boot(charge_point.flash)
    assert secure.secured == 2
    secure.close()


def test_the_security_log_is_told_and_uploaded(charge_point, files):
    raise_to_tls(charge_point)
    assert charge_point.is_told("SecurityEventNotification")
    told = [call["type"] for call in charge_point.calls("SecurityEventNotification")]
    assert "StartupOfTheDevice" in told
    asked = {"logType": "SecurityLog", "requestId": 3}
    answer = charge_point.ask("GetLog", log={"remoteLocation": f"{files.url}/store"}, **asked)
    assert answer["status"] == "Accepted"
    assert charge_point.until(lambda: files.delivered)
    (log,) = files.delivered.values()
    lines = log.decode().splitlines()
    assert any("security: StartupOfTheDevice" in line for line in lines)
    assert any("security: ReconfigurationOfSecurityParameters" in line for line in lines)
    assert all("security: " in line for line in lines)


def test_what_refuses_a_connection_is_told_with_the_next(charge_point):
    raise_to_tls(charge_point)
    assert charge_point.is_told("SecurityEventNotification")
    charge_point.front.secure(charge_point.folder, pki.Authority("Other"))
    charge_point.front.end_connections()
    assert charge_point.image.says("the certificate of the server is refused")
    charge_point.server()
    wanted = "InvalidCentralSystemCertificate"
    assert charge_point.until(
        lambda: any(call["type"] == wanted for call in charge_point.calls("SecurityEventNotification"))
    )
