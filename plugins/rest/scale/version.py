"""The version of the system (beyond the seed)."""

from plugins.rest.routing import SlashRouter
from plugins.rest.version import VERSION
from plugins.rest.wire import WireModel

router = SlashRouter(tags=["system"])


class VersionDetails(WireModel):
    """The version of Airscale."""

    version: str


@router.get("/version/", summary="Show the version")
def show_version() -> VersionDetails:
    """Return the version of Airscale."""
    return VersionDetails(version=VERSION)
