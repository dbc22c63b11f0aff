"""Delivering jobs to a real Elasticsearch or OpenSearch, so that it has what the catalogue has.

A thread beside the dispatcher sends what is due, and forgets it when the search engine has it. If
anything dies in between it is sent again; an older state never replaces a newer one, because each
document carries the version of its job.
"""

import json
import logging
import os
import threading
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from sqlalchemy.exc import SQLAlchemyError

from catalog.catalogue import Catalogue
from catalog.database import UNAVAILABLE
from catalog.errors import InvalidError
from catalog.job_states import JobState
from catalog.queries.work_rows import Work
from plugins.rest.unity.documents import INDEX, job_document, version_of

URL_VARIABLE: Final = "AIRSCALE_JOBS_DATABASE_URL"
_BATCH: Final = 500
_IDLE_SECONDS: Final = 1.0
_LONGEST_SECONDS: Final = 60.0
_TIMEOUT: Final = 30.0
_NEWER_IS_THERE: Final = 409
_GONE: Final = 404
_log = logging.getLogger(__name__)


class DeliveryError(Exception):
    """The search engine did not take what was sent."""


class Deliveries:
    """Sends jobs to a search engine as they change.

    Parameters
    ----------
    catalogue
        Whose jobs.
    url
        Where the search engine is; user and password may stand in it.
    idle_seconds
        How long nothing is due before it is looked again, and the first wait after a failure.
    """

    def __init__(self, catalogue: Catalogue, url: str, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._catalogue = catalogue
        self._url = url.rstrip("/")
        self._idle_seconds = idle_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)

    def start(self) -> None:
        """Start to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after what is being sent; the rest stays due."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        wait = self._idle_seconds
        is_owed = False
        with httpx.Client(timeout=_TIMEOUT) as client:
            while not self._stopping.is_set():
                try:
                    if not is_owed:
                        self._catalogue.deliveries.subscribe(_public(self._url))
                        is_owed = True
                    if self.deliver(client):
                        wait = self._idle_seconds
                        continue
                    pause = wait = self._idle_seconds
                except (DeliveryError, httpx.HTTPError, *UNAVAILABLE) as error:
                    pause, wait = wait, min(wait * 2, _LONGEST_SECONDS)
                    where = urlsplit(self._url).hostname
                    _log.warning(
                        "Jobs could not be delivered to %s (%s). They are sent again in %.0f s.",
                        where, error, pause,
                    )  # fmt: skip
                self._stopping.wait(pause)

    def deliver(self, client: httpx.Client) -> int:
        """Send the oldest updates that are due; return how many were.

        Raises
        ------
        DeliveryError
            Raised if the search engine refuses them; they stay due.
        """
        due = self._catalogue.deliveries.due(_BATCH)
        if due:
            works = self._catalogue.queries.work.by_ids({job_id for _, job_id in due})
            self._send(client, works)
            self._catalogue.deliveries.delivered([update_id for update_id, _ in due])
        return len(due)

    def _send(self, client: httpx.Client, works: Iterable[Work]) -> None:
        lines = [json.dumps(each) for work in works for each in _lines(work)]
        if not lines:
            return
        answer = client.post(
            f"{self._url}/_bulk",
            content="".join(f"{each}\n" for each in lines),
            headers={"Content-Type": "application/x-ndjson"},
        )
        if not answer.is_success:
            raise DeliveryError(f"status {answer.status_code}: {answer.text[:200]}")
        try:
            items = [next(iter(each.values())) for each in answer.json()["items"]]
            refused = [each for each in items if not _is_taken(each)]
        except (ValueError, KeyError, TypeError, StopIteration, AttributeError) as error:
            raise DeliveryError(f"no answer of a search engine: {answer.text[:200]}") from error
        if refused:
            raise DeliveryError(f"{len(refused)} documents refused, the first: {refused[0]}")


def started_deliveries(catalogue: Catalogue) -> Deliveries | None:
    """Start to deliver to ``AIRSCALE_JOBS_DATABASE_URL``; without it, nothing is due to anybody.

    Raises
    ------
    InvalidError
        Raised if it is no address of HTTP.
    """
    url = os.environ.get(URL_VARIABLE, "").strip() or None
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        raise InvalidError(f"{URL_VARIABLE} is not an address of http or https. Correct it.")
    if url is None:
        _end(catalogue)
        return None
    deliveries = Deliveries(catalogue, url)
    deliveries.start()
    return deliveries


def _end(catalogue: Catalogue) -> None:
    """Note no changes any more; a database that does not answer must not keep a server from it."""
    try:
        catalogue.deliveries.subscribe(None)
    except SQLAlchemyError as error:
        _log.warning("Deliveries of jobs could not be ended, the next start does it: %s", error)


def _public(url: str) -> str:
    """Return an address without user and password, which the catalogue need not know."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _lines(work: Work) -> list[dict[str, Any]]:
    meta = {
        "_index": INDEX,
        "_id": str(work.uid),
        "version": version_of(work),
        "version_type": "external_gte",
    }
    if work.standing.state is JobState.ARCHIVED:
        return [{"delete": meta}]
    return [{"index": meta}, job_document(work)]


def _is_taken(item: dict[str, Any]) -> bool:
    """Say whether a document is there now, in this version or a newer one, or gone as wanted."""
    status = int(item["status"])
    return status < 300 or status in (_NEWER_IS_THERE, _GONE)  # noqa: PLR2004 - HTTP's success
