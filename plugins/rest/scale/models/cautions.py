"""What validations and imports answer (seed 001, Import/Export Services)."""

from collections.abc import Iterable
from typing import Self

from plugins.rest.wire import WireModel


class Caution(WireModel):
    """Something to know that does not stop what was asked for."""

    id: str
    details: str


class Warnings(WireModel):
    """What came of a validation or import that nothing stopped."""

    warnings: list[Caution]

    @classmethod
    def about(cls, cautions: Iterable[object]) -> Self:
        """Return the answer with these cautions."""
        return cls(warnings=[Caution.model_validate(each) for each in cautions])
