"""What executions print, where all hosts see it: while they run, and after their end.

`AIRSCALE_LOGS` is a directory, or ``s3://bucket/prefix`` for a bucket of S3 or of anything that
speaks its protocol. Who writes or reads a log knows nothing of what is behind it.
"""

import errno
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from catalog.logs.directory import DirectoryStore
from catalog.logs.log import KEPT, KeptLog, LogStore, Stream, last_lines

__all__ = [
    "CONNECTION_VARIABLE",
    "KEPT",
    "LOGS_VARIABLE",
    "DirectoryStore",
    "KeptLog",
    "LogStore",
    "Stream",
    "last_lines",
    "log_store",
]
LOGS_VARIABLE: Final = "AIRSCALE_LOGS"
CONNECTION_VARIABLE: Final = "AIRSCALE_LOGS_CONNECTION"


def log_store(variables: Mapping[str, str] = os.environ) -> LogStore:
    """Return the store that is set, by default for this process; nothing is reached for yet.

    Raises
    ------
    OSError
        Raised if the setting is neither a directory nor the address of a bucket.
    """
    configured = variables.get(LOGS_VARIABLE)
    if not configured:
        return DirectoryStore(Path(variables.get("AIRSCALE_HOME", ".airscale")) / "job-logs")
    scheme, is_address, place = configured.partition("://")
    if not is_address:
        return DirectoryStore(Path(configured))
    bucket, _, prefix = place.partition("/")
    if scheme != "s3" or not bucket:
        raise OSError(
            errno.EINVAL,
            f"{LOGS_VARIABLE} is neither a directory nor s3://bucket/prefix",
            configured,
        )
    return _object_store(bucket, prefix.strip("/"), variables.get(CONNECTION_VARIABLE) or None)


@lru_cache(maxsize=8)
def _object_store(bucket: str, prefix: str, connection: str | None) -> LogStore:
    """Return the one store of this process: all its users know when it does not answer."""
    from catalog.logs.bucket import Bucket  # noqa: PLC0415 - takes half a second
    from catalog.logs.objects import ObjectStore  # noqa: PLC0415 - as above

    return ObjectStore(Bucket(bucket, connection), prefix)
