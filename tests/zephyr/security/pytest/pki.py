# SPDX-License-Identifier: Apache-2.0

"""Certificates that a test makes: an authority, and what it issues."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)


def pem_of_key(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issued:
    """A certificate and its key."""

    def __init__(self, certificate, key):
        self.certificate = certificate
        self.key = key

    @property
    def pem(self):
        return pem(self.certificate)

    def write(self, folder, name):
        """Files of both."""
        paths = [folder / f"{name}.pem", folder / f"{name}.key"]
        paths[0].write_bytes(self.pem)
        paths[1].write_bytes(pem_of_key(self.key))
        return [str(path) for path in paths]


class Text:
    """What is in the place of a certificate."""

    def __init__(self, pem):
        self.pem = pem


class Authority(Issued):
    def __init__(self, name="Root", **times):
        key = ec.generate_private_key(ec.SECP256R1())
        super().__init__(None, key)
        self.name = named(name)
        self.certificate = self._sign(self.name, key.public_key(), is_authority=True, **times)

    def issue(self, name="server", addresses=(), names=(), key=None, **times):
        """A certificate for these addresses and names."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        alternatives = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        alternatives += [x509.DNSName(alternative) for alternative in names]
        public = key.public_key()
        return Issued(self._sign(named(name), public, alternatives, **times), key)

    def answer(self, request):
        """The certificate that such a request asks for, PEM both."""
        request = x509.load_pem_x509_csr(request)
        assert request.is_signature_valid
        return pem(self._sign(request.subject, request.public_key()))

    def authority(self, name, **times):
        """Another authority, which this one has signed."""
        other = Authority(name)
        public = other.key.public_key()
        other.certificate = self._sign(other.name, public, is_authority=True, **times)
        return other

    def _sign(self, subject, key, alternatives=(), is_authority=False, begin=-DAY, end=30 * DAY):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + begin)
            .not_valid_after(NOW + end)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        )
        if alternatives:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=False
            )
        return builder.sign(self.key, hashes.SHA256())


def forged(authority):
    """A root that says that it has signed itself, and has not."""
    other = Authority()
    other.name = authority.name
    public = authority.key.public_key()
    return Issued(other._sign(authority.name, public, is_authority=True), None)
