"""Which failures are final and which pass, and the sentences for people.

The rule: what the file or a permission says is final, the file is set aside and reported (a closed
list of error numbers). Everything else passes: a full disk, a network file system that does not
answer, a database that is down. It is tried again, later and later, for as long as it takes; the
ingest says why it waits. Imports without Airflow.
"""

import errno
import os
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from catalog.records.files import OpenIngest

_FINAL: Final = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENAMETOOLONG,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ELOOP,
        errno.EFBIG,
        errno.EILSEQ,
        errno.EINVAL,
    }
)


def is_final(error: OSError) -> bool:
    """Say whether trying again cannot help until a person has changed something."""
    return error.errno in _FINAL


def is_database_away(error: BaseException) -> bool:
    """Say whether an error means that the database cannot be used now."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def reason_of(error: BaseException) -> str:
    """Return a short reason for a person."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    if isinstance(error, DBAPIError):
        return str(error.orig).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {error}"


def reading_failed(file_name: str, error: OSError) -> str:
    """Return the sentence for a file that cannot be read."""
    return (
        f"The file '{file_name}' cannot be read: {reason_of(error)}."
        " Let the user that runs Airflow's triggerer read it."
    )


def still_written(ingest: OpenIngest, size: int) -> str:
    """Return the sentence for a file that changed after it was taken for complete."""
    return (
        f"'{ingest.transfer_name}' had {ingest.bytes_transferred} bytes when seen, has {size} now,"
        " and was written to: it is ingested when it stays as it is. Send files with the transfer"
        " suffix until they are complete."
    )


def storing_failed(file_name: str, target: str, error: OSError) -> str:
    """Return the sentence for a file that its workspace does not take."""
    return (
        f"The file '{file_name}' cannot be stored at '{target}': {reason_of(error)}."
        " Make the workspace writable for the user that runs Airflow's triggerer."
    )


def back_again(root: Path, ingest_id: int) -> str:
    """Return what to do with a file that was set aside, once its problem is mended."""
    return f" The file is kept in '{root}/errored/{ingest_id}'; move it back to '{root}' then."


def waiting(file_name: str, error: BaseException) -> str:
    """Return the sentence for a file that has to wait."""
    return (
        f"'{file_name}' waits: {reason_of(error)}. Nothing is lost; it is tried again by itself"
        " when that has passed."
    )
