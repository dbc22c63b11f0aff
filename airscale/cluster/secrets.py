"""The secrets of a cluster: a file each, made where missing, so that none stands in a document."""

import os
import secrets as generator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from airscale.errors import StackError
from airscale.files import write_atomically
from airscale.keys import Secrets

FOLDER_VARIABLE: Final = "AIRSCALE_SECRETS"
_READABLE: Final = 0o444
"""By whoever the folder is mounted for; PostgreSQL and Redis run as users of their own."""


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """
    What the services of a cluster know and nobody else.

    Parameters
    ----------
    keys
        What Airflow signs and encrypts with, and the administrator's password.
    postgres_password, redis_password
        Of the users that Airscale connects as.
    """

    keys: Secrets
    postgres_password: str
    redis_password: str


def is_cluster(environ: Mapping[str, str]) -> bool:
    """Return whether this process belongs to a cluster, whose secrets are files."""
    return bool(environ.get(FOLDER_VARIABLE))


def make_missing(folder: Path) -> None:
    """Write each secret that has no file yet; a file that is there, whoever wrote it, stays."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = Secrets.generate()
    made = {
        **{name: getattr(keys, name) for name in Secrets.__slots__},
        "postgres_password": generator.token_urlsafe(24),
        "redis_password": generator.token_urlsafe(24),
    }
    for name, value in made.items():
        if not (folder / name).exists():
            write_atomically(folder / name, value, mode=_READABLE)


def read(environ: Mapping[str, str] | None = None) -> ClusterSecrets:
    """
    Return the secrets of the folder that ``AIRSCALE_SECRETS`` names.

    Raises
    ------
    StackError
        A file is missing, cannot be read or is empty.
    """
    folder = Path((os.environ if environ is None else environ)[FOLDER_VARIABLE])
    return ClusterSecrets(
        keys=Secrets(**{name: _secret(folder / name) for name in Secrets.__slots__}),
        postgres_password=_secret(folder / "postgres_password"),
        redis_password=_secret(folder / "redis_password"),
    )


def _secret(file: Path) -> str:
    try:
        value = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StackError(
            f"The secret {file} cannot be read ({error.strerror}). Mount the folder of secrets, or"
            " let `airscale prepare` make them."
        ) from error
    if not value:
        raise StackError(f"The secret {file} is empty. Write it, or delete it and prepare again.")
    return value
