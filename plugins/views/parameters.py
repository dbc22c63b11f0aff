"""Parameters of pages: a field of a form that was left empty asks for nothing."""

from typing import Any, Final

from pydantic import BeforeValidator


def _none_if_blank(value: Any) -> Any:
    return None if value == "" else value


Blank: Final = BeforeValidator(_none_if_blank)
