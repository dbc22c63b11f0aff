"""Make the secrets and the folders of a cluster: the one step that needs root."""

import os
from pathlib import Path
from typing import Final

from airscale.cluster import secrets
from airscale.cluster.account import account
from airscale.errors import StackError
from airscale.home import Home

_ANYBODY_MAY_ADD: Final = 0o1777
"""Like /tmp: every sender may write a file, and nobody but Strike may take another's away."""


def prepare() -> None:
    """
    Make what is missing; what is there stays as it is. Safe to repeat.

    Raises
    ------
    StackError
        This process is not root, and the folders are not its own.
    """
    home = Home.from_environment()
    try:
        secrets.make_missing(Path(os.environ[secrets.FOLDER_VARIABLE]))
        home.root.mkdir(parents=True, exist_ok=True)
        for folder in shared_folders(home):
            _give(folder)
        home.ingest.chmod(_ANYBODY_MAY_ADD)
    except PermissionError as error:
        raise StackError(
            f"{error.filename} cannot be made or given to the account that runs Airscale. Run"
            " `airscale prepare` as root."
        ) from error


def shared_folders(home: Home) -> tuple[Path, ...]:
    """Return the folders that all services of a cluster share."""
    return (home.logs, home.job_logs, home.executions, home.ingest, home.workspaces)


def _give(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    owner = account()
    if folder.stat().st_uid != owner.pw_uid:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
