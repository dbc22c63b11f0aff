"""The permissions that REST and pages ask for, as (action, resource) pairs of Flask-AppBuilder.

Nothing but constants: what creates and grants the pairs imports this without any web parts.
"""

from typing import Final

SCALE: Final = "Scale"
PAGES: Final = "Airscale Pages"
MOZART: Final = "Mozart"
OCPS: Final = "OCPS"
PAI: Final = "PAI"
UNITY: Final = "Unity"

EVERY_ACTION: Final = ("can_read", "can_create", "can_edit", "can_delete")
PERMISSIONS: Final[tuple[tuple[str, str], ...]] = (
    ("can_read", SCALE),
    ("can_create", SCALE),
    ("can_edit", SCALE),
    ("can_read", PAGES),
    *((action, resource) for resource in (MOZART, OCPS, UNITY, PAI) for action in EVERY_ACTION),
)
