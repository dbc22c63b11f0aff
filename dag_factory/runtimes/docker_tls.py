"""TLS to an engine on another host, as the Docker client has it.

``DOCKER_TLS_VERIFY`` asks for it, whatever its value; ``DOCKER_CERT_PATH`` is the folder of the
authority's certificate (``ca.pem``) and of ours (``cert.pem``, ``key.pem``).
"""

import os
import re
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

VERIFY_VARIABLE: Final = "DOCKER_TLS_VERIFY"
CERTIFICATES_VARIABLE: Final = "DOCKER_CERT_PATH"
_FILES: Final = ("ca.pem", "cert.pem", "key.pem")
_SCHEME: Final = re.compile("^(tcp|http|https)://")


def is_encrypted(host: str) -> bool:
    """Say whether the engine at an address is spoken to over TLS."""
    return bool(os.environ.get(VERIFY_VARIABLE)) and bool(_SCHEME.match(host))


def encrypted(host: str) -> str:
    """Return the address over TLS."""
    return _SCHEME.sub("https://", host)


def tls_context() -> ssl.SSLContext:
    """Return a context that trusts the engine's authority alone, and shows our certificate.

    The files are read again only when they have changed: a connection is made for each look at a
    job.

    Raises
    ------
    OSError
        Raised if a certificate is not there, or is none.
    """
    folder = Path(os.environ.get(CERTIFICATES_VARIABLE) or Path.home() / ".docker")
    return _context(folder, tuple((folder / name).stat().st_mtime_ns for name in _FILES))


@lru_cache(maxsize=1)
def _context(folder: Path, changed: tuple[int, ...]) -> ssl.SSLContext:
    del changed  # part of the key
    authority, certificate, key = (str(folder / name) for name in _FILES)
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(certificate, key)
    return context
