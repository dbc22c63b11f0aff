"""What the plugin mounts in the API server; imported there only."""

from typing import Any, Final
from urllib.parse import urlsplit

from airflow.configuration import conf

from catalog.catalogue import Catalogue
from plugins.rest.dialect import Dialect
from plugins.rest.dialects import DIALECTS
from plugins.rest.runtime import Runtime
from plugins.rest.scale.application import create_scale_app
from plugins.views.application import create_pages_app

SCALE_PREFIX: Final = "/scale/api"
PAGES_PREFIX: Final = "/airscale"
_POOL_SIZE: Final = 10  # FastAPI answers up to 40 requests at once in threads


def fastapi_apps() -> list[dict[str, Any]]:
    """Return the apps to mount, with one catalogue between them."""
    runtime = Runtime(lambda: Catalogue.from_environment(pool_size=_POOL_SIZE))
    return [
        {"app": create_scale_app(runtime), "url_prefix": SCALE_PREFIX, "name": "Scale"},
        {"app": create_pages_app(runtime), "url_prefix": PAGES_PREFIX, "name": "Airscale"},
        *(
            {"app": dialect.app(runtime), "url_prefix": prefix, "name": _app_name(dialect, prefix)}
            for dialect in DIALECTS
            for prefix in dialect.prefixes
        ),
    ]


def _app_name(dialect: Dialect, prefix: str) -> str:
    """Return the name of an app; an alias has one of its own."""
    return dialect.name if prefix == dialect.prefixes[0] else f"{dialect.name} at {prefix}"


def external_views() -> list[dict[str, Any]]:
    """Return what Airflow's UI shows: one entry in its navigation, and tabs of runs and tasks."""
    return [
        {
            "name": "Airscale",
            "href": base_path(f"{PAGES_PREFIX}/start/"),
            "destination": "nav",
            "category": "browse",
            "url_route": "airscale",
            "icon": base_path(f"{PAGES_PREFIX}/static/overview.svg"),
            "icon_dark_mode": base_path(f"{PAGES_PREFIX}/static/overview-dark.svg"),
        },
        {
            "name": "Airscale",
            "href": base_path(f"{PAGES_PREFIX}/airflow/run/?run_id={{RUN_ID}}"),
            "destination": "dag_run",
            "url_route": "airscale-run",
        },
        {
            "name": "Airscale",
            "href": base_path(
                f"{PAGES_PREFIX}/airflow/task/?run_id={{RUN_ID}}&task_id={{TASK_ID}}"
            ),
            "destination": "task_instance",
            "url_route": "airscale-task",
        },
    ]


def base_path(path: str) -> str:
    """Return a path of this server, below the path of ``[api] base_url``."""
    base_url: str = conf.get("api", "base_url", fallback="/")
    return urlsplit(base_url).path.rstrip("/") + path
