# SPDX-License-Identifier: Apache-2.0

"""With whom a charge point connects, and what it says where it does not."""

import pki
import pytest
from front import ALERT_CIPHER_SUITE, ALERT_VERSION, server_hello

PASSWORD = bytes(range(1, 21))
REFUSED = "the certificate of the server is refused: "
FOR_HERE = {"addresses": ["127.0.0.1"]}


def test_a_session_with_tls(charge_point):
    charge_point.server()
    charge_point.start()
    assert charge_point.is_online()
    assert charge_point.front.logins == [None]


def test_a_key_of_rsa(charge_point):
    charge_point.server(**FOR_HERE, key=pki.rsa_key())
    charge_point.start()
    assert charge_point.is_online()


def test_a_name_instead_of_the_address(charge_point):
    charge_point.server(names=["cs.example.com"])
    charge_point.start(name="cs.example.com")
    assert charge_point.is_online()


def test_a_wildcard(charge_point):
    charge_point.server(names=["*.example.com"])
    charge_point.start(name="cs.example.com")
    assert charge_point.is_online()


def test_a_common_name_counts_where_there_is_no_other(charge_point):
    charge_point.front.secure(charge_point.folder, charge_point.authority.issue("cs.example.com"))
    charge_point.start(name="cs.example.com")
    assert charge_point.is_online()


@pytest.mark.parametrize(
    "names, why",
    [
        ({"addresses": ["127.0.0.2"]}, "it is for another host"),
        ({"names": ["cs.example.com"]}, "it is for another host"),
        ({"name": "127.0.0.1", "names": ["x"]}, "it is for another host"),
    ],
    ids=["address", "name", "common-name"],
)
def test_a_certificate_that_is_not_good(charge_point, names, why):
    charge_point.server(**names)
    charge_point.start()
    assert charge_point.is_refused(REFUSED + why)
    assert charge_point.front.secured == 0


@pytest.mark.parametrize(
    "times, why",
    [
        ({"begin": -9 * pki.DAY, "end": -pki.DAY}, "it has expired"),
        ({"begin": pki.DAY}, "it is not valid yet"),
    ],
    ids=["expired", "future"],
)
def test_a_certificate_at_another_time(charge_point, times, why):
    # The time is known from the first answer.
    charge_point.server()
    charge_point.start()
    assert charge_point.image.says("boot notification")
    charge_point.server(**FOR_HERE, **times)
    charge_point.front.end_connections()
    assert charge_point.image.says(REFUSED + why)
    assert charge_point.front.secured == 1


@pytest.mark.parametrize(
    "times, why",
    [
        ({"begin": -9 * pki.DAY, "end": -pki.DAY}, "it has expired"),
        ({"begin": pki.DAY}, "it is not valid yet"),
    ],
    ids=["expired", "future"],
)
def test_the_first_certificate_is_looked_at_once_the_time_is_known(charge_point, times, why):
    charge_point.server(**FOR_HERE, **times)
    charge_point.start(password=PASSWORD)
    assert charge_point.image.says("connection given up: " + REFUSED + why)
    assert charge_point.image.says("not connected", times=1)
    assert charge_point.image.says(REFUSED + why, times=2)
    # It has said what it is, and nothing else.
    assert charge_point.front.secured == 1
    assert len(charge_point.calls("BootNotification")) == 1
    assert charge_point.calls("StatusNotification") == []
    charge_point.server(**FOR_HERE)
    wanted = "InvalidCentralSystemCertificate"
    assert charge_point.until(lambda: wanted in charge_point.events())
    assert charge_point.events().count(wanted) == 1


@pytest.mark.parametrize("name", ["Root", "Other"])
def test_an_unknown_authority(charge_point, name):
    # Also one of the same name.
    other = pki.Authority(name)
    charge_point.front.secure(charge_point.folder, other.issue(**FOR_HERE))
    charge_point.start()
    assert charge_point.is_refused(REFUSED + "no root certificate leads to it")


def test_a_self_signed_certificate(charge_point):
    charge_point.front.secure(charge_point.folder, pki.Authority("127.0.0.1"))
    charge_point.start()
    assert charge_point.is_refused(REFUSED)


def test_no_root_at_all(charge_point):
    charge_point.server()
    own = charge_point.authority.issue("CP1")
    charge_point.start(roots=False, own=own)
    assert charge_point.is_refused(REFUSED)


@pytest.mark.parametrize(
    "answers, words",
    [
        (ALERT_VERSION, "the server has no version of TLS from 1.2 on"),
        (server_hello("0302", "c02b"), "the server has no version of TLS from 1.2 on"),
        (ALERT_CIPHER_SUITE, "the server has no cipher suite in common"),
        (server_hello("0303", "0005"), "the server has no cipher suite in common"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "TLS fails"),
    ],
    ids=["version-alert", "version-hello", "suite-alert", "suite-hello", "no-tls"],
)
def test_no_tls_that_is_good_enough(charge_point, answers, words):
    charge_point.front.answers = answers
    charge_point.start()
    assert charge_point.is_refused(words)


def test_a_handshake_that_stalls(charge_point):
    charge_point.front.stalls = True
    charge_point.start()
    assert charge_point.image.says("the server does not go on with the TLS handshake", times=2)
    assert charge_point.front.connections >= 2


def test_a_client_certificate(charge_point):
    own = charge_point.authority.issue("CP1")
    charge_point.front.secure(
        charge_point.folder,
        charge_point.authority.issue(**FOR_HERE),
        clients=charge_point.authority,
    )
    charge_point.start(own=own, password=PASSWORD)
    assert charge_point.is_online()
    # Security profile 3 sends no password.
    assert charge_point.front.logins == [None]


@pytest.mark.parametrize("which", ["none", "unknown", "expired"])
def test_a_client_certificate_that_is_refused(charge_point, which):
    issuer = pki.Authority("Other") if which == "unknown" else charge_point.authority
    times = {"begin": -9 * pki.DAY, "end": -pki.DAY} if which == "expired" else {}
    own = None if which == "none" else issuer.issue("CP1", **times)
    charge_point.front.secure(
        charge_point.folder,
        charge_point.authority.issue(**FOR_HERE),
        clients=charge_point.authority,
    )
    charge_point.start(own=own)
    assert charge_point.is_refused("the server does not take the certificate of the charge point")


def test_a_password_that_is_no_text(charge_point):
    charge_point.front.login = b"security:" + PASSWORD
    charge_point.server()
    charge_point.start(password=PASSWORD)
    assert charge_point.is_online()


def test_a_password_that_is_wrong(charge_point):
    charge_point.front.login = b"security:another password"
    charge_point.server()
    charge_point.start(password=PASSWORD)
    assert charge_point.is_refused("HTTP 401")


def test_a_root_that_is_replaced_counts_from_the_next_connection_on(charge_point):
    charge_point.server()
    charge_point.start()
    assert charge_point.is_online()
    other = pki.Authority("Other")
    charge_point.front.secure(charge_point.folder, other.issue(**FOR_HERE))
    assert charge_point.image.says("connected")
    charge_point.front.end_connections()
    assert charge_point.image.says(REFUSED + "no root certificate leads to it")


def test_a_chain_that_is_larger_than_the_buffer(charge_point):
    charge_point.front.secure(
        charge_point.folder,
        charge_point.authority.issue(**FOR_HERE),
        chain=b"".join(pki.Authority(f"Root {n}").pem for n in range(12)),
    )
    charge_point.start()
    assert charge_point.is_refused("TLS fails")
