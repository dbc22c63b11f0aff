"""The local engine behind TLS, as one of another host is, with certificates of the test's own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.docker import EngineProxy

_DAY: Final = timedelta(days=1)
_LOOPBACK: Final = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs the certificates of an engine and of its clients."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name

    @classmethod
    def new(cls, name: str) -> "Authority":
        """Make one."""
        return cls(ec.generate_private_key(ec.SECP256R1()), _name(name))

    def write(self, folder: Path) -> Path:
        """Write ``ca.pem`` and, signed by it, ``cert.pem`` with ``key.pem``; return the folder."""
        folder.mkdir()
        own = self._certificate(self.name, self.key.public_key(), is_authority=True)
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._certificate(_name("127.0.0.1"), key.public_key(), is_authority=False)
        (folder / "ca.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
        (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        (folder / "key.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return folder

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, is_authority: bool
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.BasicConstraints(is_authority, path_length=None), critical=True)
            .add_extension(_LOOPBACK, critical=False)
            .sign(self.key, hashes.SHA256())
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


@asynccontextmanager
async def tls_engine(certificates: Path) -> AsyncIterator[str]:
    """Serve the local engine to whom its authority has signed; yield its address.

    Parameters
    ----------
    certificates
        A folder that `Authority.write` has made.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    proxy = EngineProxy("")
    server = await asyncio.start_server(proxy.connect, "127.0.0.1", 0, ssl=context)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        proxy.cut()
        server.close()
