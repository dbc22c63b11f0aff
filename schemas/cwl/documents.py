"""CWL documents by value or address, read with cwl-utils.

Everything that a document refers to is read by the caller's reader, which decides what may be.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from schemas.cwl.commands import short_name
from schemas.cwl.records import (
    LABEL,
    CwlInput,
    FromInput,
    FromStep,
    Process,
    Source,
    Step,
    Workflow,
    refuse_feature,
)
from schemas.cwl.tools import check_requirements, read_input, read_tool, text_of
from schemas.problems import DocumentError, Problem, refuse

Reader = Callable[[str], str]
BY_VALUE = "inline:///process.cwl"


def read_process(text: str, address: str, read: Reader) -> Process:
    """Return the process that a CWL document describes.

    Parameters
    ----------
    text
        YAML or JSON.
    address
        Where it came from; `BY_VALUE` for nowhere. A fragment chooses a process of a ``$graph``.
    read
        Reads what the document refers to.

    Raises
    ------
    DocumentError
        Raised if it is not valid, or has a feature that cannot be expressed.
    """
    loaded = _loaded(text, address, read)
    kind = getattr(loaded, "class_", None)
    if kind == "CommandLineTool":
        return read_tool(loaded)
    if kind == "Workflow":
        return _workflow(loaded, read)
    return refuse_feature(str(kind or "more than one process: name one after '#'"), "class")


def _loaded(text: str, address: str, read: Reader) -> Any:
    from cwl_utils.parser import load_document_by_string  # noqa: PLC0415 - takes a second to import
    from schema_salad.exceptions import SchemaSaladException  # noqa: PLC0415
    from schema_salad.fetcher import Fetcher  # noqa: PLC0415
    from schema_salad.runtime import LoadingOptions  # noqa: PLC0415

    class Restricted(Fetcher):
        """Reads nothing but what the reader of the caller reads."""

        def fetch_text(self, url: str, content_types: list[str] | None = None) -> str:  # noqa: ARG002
            return read(url)

        def check_exists(self, url: str) -> bool:
            return urlsplit(url).scheme != ""

        def urljoin(self, base_url: str, url: str) -> str:
            return joined(base_url, url)

    base, _, fragment = address.partition("#")
    options = LoadingOptions(fetcher=Restricted(), fileuri=base, baseuri=base, no_link_check=True)
    try:
        return load_document_by_string(text, base, options, fragment or None)
    except DocumentError:
        raise
    except (SchemaSaladException, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:500]
        problem = Problem("$", f"it cannot be read ({reason}). Correct it.")
        refuse(LABEL, [problem])
        raise


def _workflow(loaded: Any, read: Reader) -> Workflow:
    check_requirements(loaded.requirements)
    inherited = [*(loaded.hints or ()), *(loaded.requirements or ())]
    inputs = [read_input(each) for each in loaded.inputs]
    extra: list[CwlInput] = []
    names = frozenset(each.name for each in inputs)
    steps = [_step(each, names, inherited, extra, read) for each in loaded.steps]
    return Workflow(
        title=text_of(loaded.label),
        description=text_of(loaded.doc),
        inputs=(*inputs, *extra),
        steps=tuple(steps),
        outputs=dict(_workflow_outputs(loaded)),
    )


def _step(
    given: Any, inputs: frozenset[str], inherited: list[Any], extra: list[CwlInput], read: Reader
) -> Step:
    """Return a step; an input that has but a default becomes one of the workflow, in `extra`."""
    name = short_name(given.id)
    for feature in ("scatter", "scatterMethod", "when", "requirements"):
        if getattr(given, feature, None):
            refuse_feature(feature, f"steps.{name}")
    run = given.run
    loaded = _loaded(read(run.partition("#")[0]), run, read) if isinstance(run, str) else run
    if loaded.class_ != "CommandLineTool":
        feature = "SubworkflowFeatureRequirement" if loaded.class_ == "Workflow" else loaded.class_
        refuse_feature(feature, f"steps.{name}.run")
    tool = read_tool(loaded, inherited)
    sources: dict[str, Source] = {}
    for each in given.in_:
        target = short_name(each.id)
        source = _source(each, f"steps.{name}.in.{target}", inputs)
        if source is None:
            declared = next((one for one in tool.inputs if one.name == target), None)
            if each.default is None or declared is None:
                continue
            source = FromInput(f"{name}-{target}")
            extra.append(
                replace(declared, name=source.name, is_required=False, default=each.default)
            )
        sources[target] = source
    return Step(name, tool, sources)


def _source(given: Any, where: str, inputs: frozenset[str]) -> Source | None:
    if given.valueFrom is not None:
        refuse_feature("StepInputExpressionRequirement", where)
    source = _only(given.source, where)
    if source is None:
        return None
    if given.default is not None:
        refuse_feature("default beside a source", where)
    return _named(source, inputs)


def _only(source: Any, where: str) -> str | None:
    if not isinstance(source, list):
        return None if source is None else str(source)
    if len(source) > 1:
        refuse_feature("MultipleInputFeatureRequirement", where)
    return str(source[0]) if source else None


def _named(source: str, inputs: frozenset[str]) -> Source:
    path = source.rpartition("#")[2].split("/")
    if path[-1] in inputs and (len(path) == 1 or path[-2] == "main"):
        return FromInput(path[-1])
    return FromStep(path[-2], path[-1])


def _workflow_outputs(loaded: Any) -> Iterator[tuple[str, FromStep]]:
    for each in loaded.outputs:
        name = short_name(each.id)
        where = f"outputs.{name}"
        source = _only(each.outputSource, where)
        if source is None or "/" not in source.rpartition("#")[2]:
            refuse_feature("output that no step makes", where)
        path = source.rpartition("#")[2].split("/")
        yield name, FromStep(path[-2], path[-1])


def joined(base: str, url: str) -> str:
    """Return an address that is relative to another; also of schemes that urllib does not know."""
    parts = urlsplit(base)
    if urlsplit(url).scheme or not parts.scheme:
        return url
    web = urljoin(urlunsplit(parts._replace(scheme="http")), url)
    return urlunsplit(urlsplit(web)._replace(scheme=parts.scheme))
