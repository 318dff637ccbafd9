# SPDX-License-Identifier: Apache-2.0

"""An image that takes no wildcards, replaces a root by one that it has signed, and has TLS 1.3."""

import ssl

import pki
import pytest
from test_messages import ACCEPTED, PASSWORD, REJECTED, install, raise_to_tls

FOR_HERE = {"addresses": ["127.0.0.1"]}
REFUSED = "the certificate of the server is refused: "


@pytest.mark.parametrize("name", ["*.example.com", "cs.example.com"])
def test_a_wildcard_is_refused_and_a_name_is_not(charge_point, name):
    charge_point.server(names=[name])
    charge_point.start(name="cs.example.com")
    if name.startswith("*"):
        assert charge_point.is_refused(REFUSED + "it is for another host")
    else:
        assert charge_point.is_online()


def serve(charge_point, authority):
    """The central system with a certificate of that authority, and without its connections."""
    charge_point.front.secure(charge_point.folder, authority.issue(**FOR_HERE))
    charge_point.front.end_connections()


def test_a_root_is_replaced_by_one_that_it_has_signed(charge_point):
    raise_to_tls(charge_point)
    old = charge_point.authority
    asked = {"key": ["AdditionalRootCertificateCheck"]}
    (key,) = charge_point.ask("GetConfiguration", **asked)["configurationKey"]
    assert key["value"] == "true"
    other = pki.Authority("Other")
    expired = old.authority("New", begin=-9 * pki.DAY, end=-pki.DAY)
    for root in [other, expired, old.issue("Leaf"), pki.forged(old)]:
        assert install(charge_point, root) == REJECTED
    assert charge_point.until(
        lambda: charge_point.events().count("InvalidCentralSystemCertificate") == 4
    )
    new = old.authority("New")
    assert install(charge_point, new) == ACCEPTED
    # While no connection was made with it, there is room for no other.
    assert install(charge_point, old.authority("Newer")) == REJECTED

    # It is tried first, and the old one then.
    secured = charge_point.front.secured
    serve(charge_point, old)
    assert charge_point.until(lambda: charge_point.front.secured > secured)
    assert charge_point.image.says(REFUSED + "no root certificate leads to it")
    # Over a power loss as well.
    charge_point.lose_power()
    charge_point.start(roots=False, password=PASSWORD)
    assert charge_point.is_connected_again(secured + 1)
    shown = "\n".join(charge_point.do("ocpp certificates"))
    assert shown.count("CentralSystemRootCertificate") == 2

    secured = charge_point.front.secured
    serve(charge_point, new)
    assert charge_point.until(lambda: charge_point.front.secured > secured)
    assert charge_point.image.says("certificates changed: CentralSystemRootCertificate")
    # From now on it is the only one.
    before = len(charge_point.image.lines)
    serve(charge_point, old)
    assert charge_point.image.says(REFUSED, after=before, times=3)
    secured = charge_point.front.secured
    serve(charge_point, new)
    assert charge_point.until(lambda: charge_point.front.secured > secured)
    shown = "\n".join(charge_point.do("ocpp certificates"))
    assert shown.count("CentralSystemRootCertificate") == 1


def test_a_root_of_the_application_is_replaced(charge_point):
    charge_point.server()
    charge_point.start(password=PASSWORD)
    assert charge_point.image.says("boot notification")
    old = charge_point.authority
    assert install(charge_point, pki.Authority("Other")) == REJECTED
    new = old.authority("New")
    assert install(charge_point, new) == ACCEPTED
    secured = charge_point.front.secured
    serve(charge_point, new)
    assert charge_point.until(lambda: charge_point.front.secured > secured)
    assert charge_point.image.says("certificates changed", times=2)
    before = len(charge_point.image.lines)
    serve(charge_point, old)
    assert charge_point.image.says(REFUSED, after=before, times=3)


def only_tls_1_3(charge_point):
    charge_point.front.context.maximum_version = ssl.TLSVersion.TLSv1_3
    charge_point.front.context.minimum_version = ssl.TLSVersion.TLSv1_3


def test_a_session_with_tls_1_3(charge_point):
    charge_point.server()
    only_tls_1_3(charge_point)
    charge_point.start()
    assert charge_point.is_online()


def test_tls_1_3_refuses_what_tls_1_2_does(charge_point):
    charge_point.front.secure(charge_point.folder, pki.Authority("Other").issue(**FOR_HERE))
    only_tls_1_3(charge_point)
    charge_point.start()
    assert charge_point.is_refused(REFUSED + "no root certificate leads to it")


def test_a_client_certificate_with_tls_1_3(charge_point):
    own = charge_point.authority.issue("CP1")
    charge_point.front.secure(
        charge_point.folder,
        charge_point.authority.issue(**FOR_HERE),
        clients=charge_point.authority,
    )
    only_tls_1_3(charge_point)
    charge_point.start(own=own)
    assert charge_point.is_online()
