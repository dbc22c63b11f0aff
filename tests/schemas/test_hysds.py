"""HySDS job specs and hysds-io: what is read, what is refused, and how values are filled in."""

from typing import Any

import pytest

from schemas.hysds import Filled, HysdsIo, JobSpec, fill
from schemas.problems import DocumentError
from tests.schemas.helpers import changed, refusal, without

SPEC: dict[str, Any] = {
    "id": "job-a:1",
    "command": "run",
    "params": [
        {"name": "p", "destination": "positional"},
        {"name": "l", "destination": "localize"},
        {"name": "c", "destination": "context"},
    ],
    "disk_usage": "2GB",
}
IO: dict[str, Any] = {
    "id": "hysds-io-a:1",
    "params": [
        {"name": "p", "from": "submitter", "optional": True},
        {"name": "l", "from": "submitter", "optional": True},
        {"name": "c", "from": "value", "type": "number", "value": "2.5"},
    ],
}


def test_a_spec_is_read() -> None:
    spec = JobSpec.parse({**SPEC, "version": "the sender's own"})

    assert (spec.name, spec.version, spec.disk_usage) == ("a", "1", 2048)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (without(SPEC, "id"), "$.id"),
        (without(SPEC, "command"), "$.command"),
        (changed(SPEC, "id", "a:1"), "$.id"),
        (changed(SPEC, "id", "job-a"), "$.id"),
        (changed(SPEC, "disk_usage", "2 GB"), "$.disk_usage"),
        (changed(SPEC, "params", 0, "destination", "elsewhere"), "$.params[0].destination"),
        (changed(SPEC, "params", 1, "name", "p"), "$.params"),
        (changed(SPEC, "time_limit", 0), "$.time_limit"),
        ({**SPEC, "dependency_images": [{}]}, "$.dependency_images"),
    ],
)
def test_a_spec_that_cannot_be_run_is_refused(document: Any, path: str) -> None:
    assert [each[0] for each in refusal(JobSpec.parse, document)] == [path]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (changed(IO, "id", "job-a:1"), "$.id"),
        (changed(IO, "params", 0, "from", "nowhere"), "$.params[0].from"),
        (without(IO, "params", 2, "value"), "$.params[2].value"),
        (changed(IO, "params", 0, "type", "enum"), "$.params[0].enumerables"),
    ],
)
def test_a_wiring_that_is_wrong_is_refused(document: Any, path: str) -> None:
    assert [each[0] for each in refusal(HysdsIo.parse, document)] == [path]


def test_values_go_where_the_spec_says() -> None:
    spec, io = JobSpec.parse(SPEC), HysdsIo.parse(IO)

    assert fill(spec, io, {}) == Filled({}, (), {"c": 2.5})
    given = {"p": [1, "a b"], "l": ["http://a/x", "http://a/y"], "more": {"x": 1}}
    assert fill(spec, io, given) == Filled(
        {"p": '[1, "a b"]'}, ("http://a/x", "http://a/y"), {"more": {"x": 1}, "c": 2.5}
    )


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(DocumentError, match="must specify 'p' parameter"):
        fill(JobSpec.parse(SPEC), None, {"l": "http://a/x", "c": 1})


def test_what_is_fetched_has_to_be_an_address() -> None:
    with pytest.raises(DocumentError, match="expected addresses"):
        fill(JobSpec.parse(SPEC), HysdsIo.parse(IO), {"l": [1]})


def test_a_lambda_is_never_evaluated() -> None:
    document = changed(IO, "params", 0, "lambda", "lambda ds: 1 / 0")

    assert fill(JobSpec.parse(SPEC), HysdsIo.parse(document), {}).positional == {}
