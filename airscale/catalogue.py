"""The catalogue of a home, for commands that a person starts beside the running system."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError

from airscale import postgres
from airscale.errors import StackError
from airscale.home import Home
from catalog.catalogue import Catalogue
from catalog.database import UNAVAILABLE, URL_VARIABLE, Database


@contextmanager
def open_catalogue(home: Home) -> Iterator[Catalogue]:
    """Open the catalogue that ``AIRSCALE_DATABASE_URL`` names, or else the home's.

    Raises
    ------
    StackError
        Raised if the home's PostgreSQL does not run, or the catalogue does not answer.
    """
    url = os.environ.get(URL_VARIABLE) or postgres.database_url(
        postgres.socket_folder(home), postgres.CATALOGUE_DATABASE
    )
    try:
        catalogue = Catalogue(Database(url))
    except ArgumentError as error:
        raise StackError(
            f"{URL_VARIABLE} is no address of a database ({error}). Write it as"
            " postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME, or leave it out."
        ) from error
    try:
        yield catalogue
    except UNAVAILABLE as error:
        reason = str(error).splitlines()[0]
        raise StackError(f"The catalogue does not answer; start it with `up`. {reason}") from error
    finally:
        catalogue.database.close()
