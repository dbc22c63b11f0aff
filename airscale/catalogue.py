"""The catalogue of a home, for commands that a person starts beside the running system."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

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
    catalogue = Catalogue(Database(url))
    try:
        yield catalogue
    except UNAVAILABLE as error:
        reason = str(error).splitlines()[0]
        raise StackError(f"The catalogue does not answer; start it with `up`. {reason}") from error
    finally:
        catalogue.database.close()
