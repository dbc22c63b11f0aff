"""What the plugin mounts in the API server; imported there only."""

from typing import Any, Final
from urllib.parse import urlsplit

from airflow.configuration import conf

from catalog.catalogue import Catalogue
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
    ]


def external_views() -> list[dict[str, Any]]:
    """Return what Airflow's UI shows in its navigation: one entry, that has pages of its own."""
    return [
        {
            "name": "Airscale",
            "href": base_path(f"{PAGES_PREFIX}/start/"),
            "destination": "nav",
            "category": "browse",
            "url_route": "airscale",
            "icon": base_path(f"{PAGES_PREFIX}/static/overview.svg"),
            "icon_dark_mode": base_path(f"{PAGES_PREFIX}/static/overview-dark.svg"),
        }
    ]


def base_path(path: str) -> str:
    """Return a path of this server, below the path of ``[api] base_url``."""
    base_url: str = conf.get("api", "base_url", fallback="/")
    return urlsplit(base_url).path.rstrip("/") + path
