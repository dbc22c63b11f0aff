"""The account that everything of a cluster runs as, and how a container comes to it."""

import os
import pwd
import stat
from pathlib import Path
from typing import Final

from airscale.errors import StackError

ACCOUNT: Final = "airscale"
SOCKET: Final = Path("/var/run/docker.sock")


def account() -> pwd.struct_passwd:
    """
    Return the account.

    Raises
    ------
    StackError
        This system does not have it.
    """
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise StackError(
            f"There is no account {ACCOUNT!r} here. Use the image of this repository's Dockerfile,"
            " which makes it."
        ) from error


def leave_root(*, needs_engine: bool) -> None:
    """
    Give up root for the account, once and for all; without root, do nothing.

    Parameters
    ----------
    needs_engine
        Keep the group that may use the engine's socket, if there is one. Its number differs from
        host to host, which is why a container that needs it begins as root.
    """
    if os.geteuid() != 0:
        return
    target = account()
    group = _group_of_socket() if needs_engine else None
    os.setgroups([] if group is None else [group])
    os.setgid(target.pw_gid)
    os.setuid(target.pw_uid)
    os.environ["HOME"] = target.pw_dir
    os.environ["USER"] = ACCOUNT


def _group_of_socket() -> int | None:
    try:
        found = SOCKET.stat()
    except FileNotFoundError:
        return None
    return found.st_gid if stat.S_ISSOCK(found.st_mode) else None
