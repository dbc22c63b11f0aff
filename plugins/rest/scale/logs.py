"""What job executions print, while they run and afterwards (seed 001, Job Execution Services)."""

import asyncio
import codecs
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from itertools import chain, islice
from typing import Annotated, Final

from fastapi import Header, HTTPException, Query, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from catalog.catalogue import Catalogue
from catalog.logs import Stream, last_lines, log_store
from catalog.queries.job_executions import ExecutionLogRow
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.models.executions import FINAL, ExecutionLogs

_log = logging.getLogger(__name__)
router = SlashRouter(tags=["work"])
Tail = Annotated[
    int | None, Query(ge=1, le=1_000_000, description="How many lines, the last ones.")
]
_TAIL_BYTES: Final = 256 * 1024
_QUIET_SECONDS: Final = 15.0
_TAIL_PIECES: Final = 2  # of 256 KiB: what is printed meanwhile belongs to the end, too
_PIECES: Final = 16  # of 256 KiB, before others have their turn
_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@router.get("/job-executions/{job_exe_id}/logs/", summary="Show what a job execution printed")
def show_logs(
    http: Request, catalogue: CatalogueDep, job_exe_id: RowId, tail: Tail = None
) -> ExecutionLogs:
    """Return an execution with the end of its standard output and of its standard error."""
    row = catalogue.queries.executions.logs(job_exe_id)
    ends = _ends_of(row)
    stdout, stderr = (last_lines(ends[each], tail) for each in Stream)
    return ExecutionLogs.of(http, replace(row, stdout=stdout, stderr=stderr))


@router.get("/job-executions/{job_exe_id}/logs/stdout/", response_class=PlainTextResponse)
def show_stdout(catalogue: CatalogueDep, job_exe_id: RowId, tail: Tail = None) -> Response:
    """Return the standard output of an execution as text."""
    return _text(catalogue.queries.executions.logs(job_exe_id), Stream.STDOUT, tail)


@router.get("/job-executions/{job_exe_id}/logs/stderr/", response_class=PlainTextResponse)
def show_stderr(catalogue: CatalogueDep, job_exe_id: RowId, tail: Tail = None) -> Response:
    """Return the standard error of an execution as text."""
    return _text(catalogue.queries.executions.logs(job_exe_id), Stream.STDERR, tail)


@router.get("/job-executions/{job_exe_id}/logs/stream/", response_class=StreamingResponse)
def stream_logs(
    catalogue: CatalogueDep,
    job_exe_id: RowId,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Send what an execution prints as server-sent events, until it has ended."""
    catalogue.queries.executions.logs(job_exe_id)  # answers 404 before anything is sent
    with _unavailable_if_silent():
        pause = log_store().seconds_between_looks
    events = _events(catalogue, job_exe_id, _offsets(last_event_id), pause)
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)


def _sizes(row: ExecutionLogRow) -> Mapping[Stream, int]:
    """Return how much the log store has of each stream."""
    return log_store().sizes(row.id, row.started or row.queued)


def _chunks(row: ExecutionLogRow, stream: Stream, begin: int = 0) -> Iterator[bytes]:
    return log_store().log(row.id, row.started or row.queued, stream).chunks(begin)


def _ends_of(row: ExecutionLogRow) -> dict[Stream, str]:
    """Return the last 256 KiB: the catalogue's once the execution has ended, the store's before."""
    ends = {Stream.STDOUT: row.stdout or "", Stream.STDERR: row.stderr or ""}
    if row.status in FINAL and any(ends.values()):
        return ends
    with _unavailable_if_silent():
        for stream, size in _sizes(row).items():
            if not ends[stream]:
                chunks = _chunks(row, stream, max(0, size - _TAIL_BYTES))
                end = b"".join(islice(chunks, _TAIL_PIECES))
                ends[stream] = end.decode("utf-8", "replace")
    return ends


def _text(row: ExecutionLogRow, stream: Stream, tail: int | None) -> Response:
    if tail is None:
        with _unavailable_if_silent():
            if stream in _sizes(row):
                chunks = _chunks(row, stream)
                content = chain((next(chunks, b""),), chunks)
                return StreamingResponse(
                    content, media_type="text/plain; charset=utf-8", headers=_HEADERS
                )
    return PlainTextResponse(last_lines(_ends_of(row)[stream], tail), headers=_HEADERS)


@contextmanager
def _unavailable_if_silent() -> Iterator[None]:
    """Answer 503 where the log store cannot be read."""
    try:
        yield
    except OSError as error:
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"What the execution printed cannot be read from the log store: {error}. Try again in"
            " a moment; if it lasts, an administrator should run `airscale doctor`.",
            {"Retry-After": "15"},
        ) from error


def _offsets(last_event_id: str) -> dict[Stream, int]:
    """Read how far a client had come that connects again; anything else is the beginning."""
    try:
        stdout, stderr = (max(0, int(each)) for each in last_event_id.split(":"))
    except ValueError:
        stdout, stderr = 0, 0
    return {Stream.STDOUT: stdout, Stream.STDERR: stderr}


async def _events(
    catalogue: Catalogue, job_exe_id: int, offsets: dict[Stream, int], pause: float
) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    sent = clock()
    while True:
        # Asked first: what was printed before the end is in the store then.
        row = await asyncio.to_thread(catalogue.queries.executions.logs, job_exe_id)
        try:
            pieces = await asyncio.to_thread(_new_pieces, row, offsets)
        except OSError as error:
            _log.info("What execution %s prints cannot be read: %s", job_exe_id, error)
            if row.status in FINAL:
                return  # without the event that ends it: the client comes again, and goes on there
            pieces = []
        for piece in pieces:
            yield piece
            sent = clock()
        if row.status in FINAL and not pieces:
            yield _event("end", offsets, {"status": row.status.value})
            return
        if clock() - sent > _QUIET_SECONDS:
            yield ": still running\n\n"
            sent = clock()
        if not pieces:
            await asyncio.sleep(pause)


def _new_pieces(row: ExecutionLogRow, offsets: dict[Stream, int]) -> list[str]:
    events = []
    sizes = _sizes(row)
    for stream in Stream:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        begin = offsets[stream]
        for chunk in islice(_new_chunks(row, stream, begin, sizes), _PIECES):
            text = decoder.decode(chunk)
            begin += len(chunk)
            offsets[stream] = begin - len(decoder.getstate()[0])
            if text:
                events.append(_event(stream.value, offsets, {"text": text}))
    return events


def _new_chunks(
    row: ExecutionLogRow, stream: Stream, begin: int, sizes: Mapping[Stream, int]
) -> Iterator[bytes]:
    """Yield what is new: from the store, or from the catalogue if so little was printed."""
    if stream in sizes:
        if sizes[stream] > begin:
            yield from _chunks(row, stream, begin)
        return
    printed = (row.stdout if stream is Stream.STDOUT else row.stderr) or ""
    if new := printed.encode()[begin:]:
        yield new


def _event(name: str, offsets: dict[Stream, int], data: dict[str, str]) -> str:
    place = f"{offsets[Stream.STDOUT]}:{offsets[Stream.STDERR]}"
    return f"event: {name}\nid: {place}\ndata: {json.dumps(data)}\n\n"
