"""Addresses that people give with a submission: which of them this system fetches from."""

import os
from typing import Final
from urllib.parse import urlsplit

from catalog.errors import InvalidError

SCHEMES_VARIABLE: Final = "AIRSCALE_FETCH_SCHEMES"
DEFAULT_SCHEMES: Final = "https,http,s3"


def fetch_schemes() -> tuple[str, ...]:
    """Return the schemes that submissions may name: ``AIRSCALE_FETCH_SCHEMES``.

    ``file`` is none of them by default: it would let anybody who may submit read this host's files.
    """
    listed = os.environ.get(SCHEMES_VARIABLE, DEFAULT_SCHEMES).split(",")
    return tuple(each.strip().lower() for each in listed if each.strip())


def check_address(url: str) -> str:
    """Return an address that may be fetched, as it is.

    Raises
    ------
    InvalidError
        Raised if it is none, or its scheme is not allowed here.
    """
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError as error:
        raise InvalidError(f"The address {url!r} is not a URL ({error}).") from error
    allowed = fetch_schemes()
    if scheme not in allowed or any(each in url for each in "\0\r\n"):
        raise InvalidError(
            f"The address {url!r} cannot be fetched: the schemes allowed here are"
            f" {', '.join(allowed)}. An administrator can allow more with {SCHEMES_VARIABLE}."
        )
    return url


def file_name_of(url: str) -> str:
    """Return the last part of the path of an address; for naming what is fetched from it.

    Raises
    ------
    InvalidError
        Raised if the path is empty.
    """
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    if name in ("", ".", ".."):
        raise InvalidError(f"The address {url!r} names no file. Give the address of one.")
    return name
