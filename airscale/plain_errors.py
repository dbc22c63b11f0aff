"""Failures of commands, as sentences for a person."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from airscale.errors import StackError

INTERRUPTED = 130


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn an expected failure into its sentence and exit code 1."""
    try:
        yield
    except (StackError, OSError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        message = "Interrupted. What was started keeps running; `down` stops it."
        Console(stderr=True).print(message, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
