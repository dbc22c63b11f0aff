"""The keys of one local system: made once, kept in its home, shown to nobody but their owner."""

import base64
import dataclasses
import json
import os
import secrets as generator
from typing import Self

from airscale.errors import StackError
from airscale.files import write_atomically
from airscale.home import Home


@dataclasses.dataclass(frozen=True, slots=True)
class Secrets:
    """
    What Airflow signs and encrypts with, and the administrator's password.

    Parameters
    ----------
    fernet_key
        Encrypts connections and variables in Airflow's database.
    jwt_secret
        Signs the tokens of people and of tasks.
    api_secret_key
        Signs the session cookie.
    admin_password
        Of the user ``admin``, used when that user is created.
    """

    fernet_key: str
    jwt_secret: str
    api_secret_key: str
    admin_password: str

    @classmethod
    def generate(cls) -> Self:
        """Return new keys; the JWT secret has 64 characters, as HS512 asks."""
        return cls(
            fernet_key=base64.urlsafe_b64encode(os.urandom(32)).decode(),
            jwt_secret=generator.token_hex(32),
            api_secret_key=generator.token_hex(32),
            admin_password=generator.token_urlsafe(12),
        )


def load(home: Home) -> Secrets:
    """
    Return the home's keys.

    Raises
    ------
    FileNotFoundError
        The home has none yet.
    StackError
        The file is not what `load_or_create` wrote.
    """
    text = home.secrets.read_text(encoding="utf-8")
    try:
        return Secrets(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise StackError(
            f"The keys in {home.secrets} cannot be read ({error}). Put the file back from a "
            "backup, or run `reset` to start from nothing."
        ) from error


def load_or_create(home: Home) -> Secrets:
    """Return the home's keys, making them at the first call; call it under the home's lock."""
    try:
        return load(home)
    except FileNotFoundError:
        made = Secrets.generate()
        write_atomically(home.secrets, json.dumps(dataclasses.asdict(made)), mode=0o600)
        return made
