"""Whether a source of data (recipe input, job output, trigger) can feed an input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from schemas.job_interface import InputType, JobInput, JobOutput
from schemas.problems import Problem, ValidationWarning, shown


@dataclass(frozen=True, slots=True)
class Source:
    """What is connected to an input.

    Parameters
    ----------
    words
        What it is, in a sentence, such as ``the recipe input "image"``.
    type
        What it gives.
    always
        Whether it always gives a value.
    media_types
        The media types it may give; empty means any.
    """

    words: str
    type: InputType
    always: bool
    media_types: tuple[str, ...]

    @classmethod
    def of_recipe_input(cls, recipe_input: JobInput) -> Self:
        """Return the source that a recipe input is for the jobs of the recipe."""
        return cls(
            words=f"the recipe input {shown(recipe_input.name)}",
            type=recipe_input.type,
            always=recipe_input.required,
            media_types=recipe_input.media_types,
        )

    @classmethod
    def of_output(cls, job_name: str, output: JobOutput) -> Self:
        """Return the source that an output is for the jobs that depend on its job."""
        return cls(
            words=f"the output {shown(output.name)} of {shown(job_name)}",
            type=InputType(output.type.value),
            always=output.required,
            media_types=() if output.media_type is None else (output.media_type,),
        )


def connection_problems(path: str, source: Source, target: JobInput) -> Iterator[Problem]:
    """Yield what keeps a source from feeding an input.

    A text feeds only a text; a list of files feeds only a list; what may be absent does not
    feed what is required.
    """
    words = f"{source.words} cannot be connected to the input {shown(target.name)}"
    if (source.type is InputType.PROPERTY) != (target.type is InputType.PROPERTY):
        kinds = f"one is a {source.type} and the other a {target.type}"
        yield Problem(path, f"{words}: {kinds}, and texts and files do not mix.")
    elif source.type is InputType.FILES and target.type is InputType.FILE:
        yield Problem(path, f"{words}: a list of files cannot go to an input for one file.")
    if target.required and not source.always:
        yield Problem(path, f"{words}: it is optional and the input is required.")


def connection_warnings(source: Source, target: JobInput) -> Iterator[ValidationWarning]:
    """Yield the warning ``media_type`` when nothing the source gives can be accepted."""
    if not source.media_types or not target.media_types:
        return
    if not set(source.media_types) & set(target.media_types):
        yield ValidationWarning(
            "media_type",
            f"{source.words} gives {', '.join(source.media_types)}, but the input"
            f" {shown(target.name)} accepts only {', '.join(target.media_types)}.",
        )
