"""Putting what a job was submitted with into its work directory, before its command starts.

Everything goes to the directory in which the command starts. A step that is repeated after a crash
comes to the same end: each thing appears under its name only when it is complete.
"""

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from catalog.addresses import check_address, fetch_schemes
from catalog.errors import InvalidError
from catalog.records.staging import GitSource, StagedUrl, Staging
from dag_factory.failures import JobFailure

SOURCE: Final = ".source"
"""The clone, hidden from programs that look through their own output directory."""

_CHUNK: Final = 1024 * 1024
_LONGEST_SECONDS: Final = 3600.0
_WEB: Final = frozenset({"http", "https"})
_LAST_WORDS: Final = 500


def submitted_names(staging: Staging) -> frozenset[str]:
    """Return the first parts of the paths that staging makes: nothing below is an output."""
    paths = (*staging.files, *(each.path for each in staging.urls))
    source = () if staging.source is None else (SOURCE,)
    return frozenset((*(PurePosixPath(each).parts[0] for each in paths), *source))


def put_submitted(staging: Staging, directory: Path, deadline: datetime | None) -> None:
    """Put everything into a directory.

    Parameters
    ----------
    deadline
        When to give up; None after an hour.

    Raises
    ------
    JobFailure
        Raised as ``invalid-input`` if an address may not be fetched, or nothing is there; as
        ``filesystem-io`` if the network or the disk fails, as ``timeout`` at the deadline.
    """
    for name, document in staging.files.items():
        _complete(directory, name, partial(_write, json.dumps(document, indent=2)))
    for each in staging.urls:
        _complete(directory, each.path, partial(_fetch, each, deadline))
    if staging.source is not None:
        _complete(directory, SOURCE, partial(_clone, staging.source, deadline))


def _complete(directory: Path, name: str, make: Callable[[Path], None]) -> None:
    """Make a thing beside its place, then rename it there; what stands there already stays."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise JobFailure(
            "invalid-input",
            f"{name!r} leads out of the work directory. Give a path below it, without '..'.",
        )
    target = directory / path
    if target.exists():
        return
    temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        make(temporary)
        temporary.rename(target)
    except OSError as error:
        raise JobFailure(
            "filesystem-io",
            f"{name!r} could not be put into the work directory ({error}). Look at the network, and"
            " at the disk of this host.",
        ) from error
    finally:
        _remove(temporary)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _write(text: str, target: Path) -> None:
    target.write_text(text, encoding="utf-8")
    target.chmod(0o644)


def _fetch(wanted: StagedUrl, deadline: datetime | None, target: Path) -> None:
    """Fetch a file, or everything below a directory of a store that has directories."""
    from fsspec.core import url_to_fs  # noqa: PLC0415 - only jobs with addresses pay for it

    _check(wanted.url)
    try:
        store, path = url_to_fs(wanted.url)
        if urlsplit(wanted.url).scheme.lower() not in _WEB and store.isdir(path):
            for each in sorted(store.find(path)):
                relative = each.removeprefix(path.rstrip("/")).lstrip("/")
                _copy(store, each, target / relative, deadline)
        else:
            _copy(store, path, target, deadline)
    except FileNotFoundError as error:
        raise JobFailure(
            "invalid-input", f"There is nothing at {wanted.url!r}. Give an address that exists."
        ) from error
    except (OSError, JobFailure):
        raise
    except Exception as error:  # the stores of fsspec raise what their libraries raise
        raise JobFailure(
            "filesystem-io", f"{wanted.url!r} could not be fetched ({error!r}). Try again later."
        ) from error


def _copy(store: Any, path: str, target: Path, deadline: datetime | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with store.open(path, "rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            _seconds_left(deadline)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())


def _clone(source: GitSource, deadline: datetime | None, target: Path) -> None:
    """Clone a repository and check out what is asked for: a branch, a tag or a commit."""
    _check(source.url)
    _git(["clone", "--quiet", "--no-checkout", "--", source.url, str(target)], deadline)
    ref = source.commit_ref or "HEAD"
    commit = None if ref.startswith("-") else _commit(target, ref, deadline)
    if commit is None:
        raise JobFailure(
            "invalid-input",
            f"The repository {source.url!r} has no branch, tag or commit {ref!r}."
            " Give one that exists.",
        )
    _git(["-C", str(target), "checkout", "--quiet", "--detach", commit], deadline)


def _commit(target: Path, ref: str, deadline: datetime | None) -> str | None:
    for each in (f"refs/remotes/origin/{ref}", f"refs/tags/{ref}", ref):
        arguments = ["-C", str(target), "rev-parse", "--verify", "--quiet", f"{each}^{{commit}}"]
        done = _run(arguments, deadline)
        if done.returncode == 0:
            return done.stdout.strip()
    return None


def _git(arguments: list[str], deadline: datetime | None) -> None:
    done = _run(arguments, deadline)
    if done.returncode:
        words = done.stderr.strip()[-_LAST_WORDS:]
        raise JobFailure(
            "filesystem-io",
            f"git {arguments[0]} failed with {done.returncode}: {words} Look at the address, and"
            " whether this host reaches it.",
        )


def _run(arguments: list[str], deadline: datetime | None) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME", "/nonexistent"),
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",  # nobody is there to answer
        "GIT_ALLOW_PROTOCOL": ":".join(fetch_schemes()),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    try:
        return subprocess.run(  # noqa: S603 - no shell; addresses are checked
            ["git", *arguments],  # noqa: S607 - wherever this host has it
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_seconds_left(deadline),
        )
    except subprocess.TimeoutExpired as error:
        raise _too_late() from error
    except FileNotFoundError as error:
        raise JobFailure("launch", "This host has no git. Install it.") from error


def _check(url: str) -> None:
    try:
        check_address(url)
    except InvalidError as error:  # allowed when it was submitted, or on another host
        raise JobFailure("invalid-input", str(error)) from error


def _seconds_left(deadline: datetime | None) -> float:
    if deadline is None:
        return _LONGEST_SECONDS
    left = (deadline - datetime.now(UTC)).total_seconds()
    if left <= 0:
        raise _too_late()
    return left


def _too_late() -> JobFailure:
    return JobFailure(
        "timeout",
        "The time limit of the job passed while its inputs were fetched. Raise the limit, or give"
        " it less to fetch.",
    )
