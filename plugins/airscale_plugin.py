"""The one Airflow plugin: REST dialects and pages, mounted in the API server.

Every process of Airflow imports this module. Only the API server builds the web parts; the others
get an empty plugin, at the price of this file.
"""

import os
import sys
from typing import Any, ClassVar, Final

from airflow.plugins_manager import AirflowPlugin

WEB_VARIABLE: Final = "AIRSCALE_WEB"


def is_api_server() -> bool:
    """Say whether this process serves HTTP: Airflow's API server, or a test that says so."""
    return sys.argv[1:2] == ["api-server"] or os.environ.get(WEB_VARIABLE) == "1"


class AirscalePlugin(AirflowPlugin):
    """What Airflow mounts and shows."""

    name = "airscale"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = []
    external_views: ClassVar[list[dict[str, Any]]] = []

    if is_api_server():
        from plugins import web  # noqa: PLC0415 - costs seconds

        fastapi_apps = web.fastapi_apps()
        external_views = web.external_views()
