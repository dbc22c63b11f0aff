"""What job executions print, while they run and afterwards (seed 001, Job Execution Services)."""

import asyncio
import codecs
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice
from typing import Annotated, Final

from fastapi import Header, Query, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from catalog.catalogue import Catalogue
from catalog.log_store import KeptLog, Stream, last_lines
from catalog.queries.job_executions import ExecutionLogRow
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.models.executions import FINAL, ExecutionLogs

router = SlashRouter(tags=["work"])
Tail = Annotated[
    int | None, Query(ge=1, le=1_000_000, description="How many lines, the last ones.")
]
_TAIL_BYTES: Final = 256 * 1024
_SECONDS: Final = 0.5
_QUIET_SECONDS: Final = 15.0
_PIECES: Final = 16  # of 256 KiB, before others have their turn
_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@router.get("/job-executions/{job_exe_id}/logs/", summary="Show what a job execution printed")
def show_logs(
    http: Request, catalogue: CatalogueDep, job_exe_id: RowId, tail: Tail = None
) -> ExecutionLogs:
    """Return an execution with the end of its standard output and of its standard error."""
    row = catalogue.queries.executions.logs(job_exe_id)
    stdout, stderr = (last_lines(_end_of(row, each), tail) for each in Stream)
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
    events = _events(catalogue, job_exe_id, _offsets(last_event_id))
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)


def _kept(row: ExecutionLogRow, stream: Stream) -> KeptLog:
    return KeptLog.of(row.id, row.started or row.queued, stream)


def _end_of(row: ExecutionLogRow, stream: Stream) -> str:
    """Return the last 256 KiB: the catalogue's once the execution has ended, the file's before."""
    printed = row.stdout if stream is Stream.STDOUT else row.stderr
    if printed:
        return printed
    path = _kept(row, stream).path
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return ""
    chunks = _kept(row, stream).chunks(max(0, size - _TAIL_BYTES))
    return b"".join(islice(chunks, 2)).decode("utf-8", "replace")


def _text(row: ExecutionLogRow, stream: Stream, tail: int | None) -> Response:
    kept = _kept(row, stream)
    if tail is None and kept.path.exists():
        return StreamingResponse(
            kept.chunks(), media_type="text/plain; charset=utf-8", headers=_HEADERS
        )
    return PlainTextResponse(last_lines(_end_of(row, stream), tail), headers=_HEADERS)


def _offsets(last_event_id: str) -> dict[Stream, int]:
    """Read how far a client had come that connects again; anything else is the beginning."""
    try:
        stdout, stderr = (max(0, int(each)) for each in last_event_id.split(":"))
    except ValueError:
        stdout, stderr = 0, 0
    return {Stream.STDOUT: stdout, Stream.STDERR: stderr}


async def _events(
    catalogue: Catalogue, job_exe_id: int, offsets: dict[Stream, int]
) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    sent = clock()
    while True:
        # Asked first: what was printed before the end is in the files then.
        row = await asyncio.to_thread(catalogue.queries.executions.logs, job_exe_id)
        pieces = await asyncio.to_thread(_new_pieces, row, offsets)
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
            await asyncio.sleep(_SECONDS)


def _new_pieces(row: ExecutionLogRow, offsets: dict[Stream, int]) -> list[str]:
    events = []
    for stream in Stream:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        begin = offsets[stream]
        for chunk in islice(_chunks(row, stream, begin), _PIECES):
            text = decoder.decode(chunk)
            begin += len(chunk)
            offsets[stream] = begin - len(decoder.getstate()[0])
            if text:
                events.append(_event(stream.value, offsets, {"text": text}))
    return events


def _chunks(row: ExecutionLogRow, stream: Stream, begin: int) -> Iterator[bytes]:
    """Yield what is new: from the file, or from the catalogue if so little was printed."""
    kept = _kept(row, stream)
    if kept.path.exists():
        yield from kept.chunks(begin)
        return
    printed = (row.stdout if stream is Stream.STDOUT else row.stderr) or ""
    if new := printed.encode()[begin:]:
        yield new


def _event(name: str, offsets: dict[Stream, int], data: dict[str, str]) -> str:
    place = f"{offsets[Stream.STDOUT]}:{offsets[Stream.STDERR]}"
    return f"event: {name}\nid: {place}\ndata: {json.dumps(data)}\n\n"
