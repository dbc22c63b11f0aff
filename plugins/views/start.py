"""Where Airflow's frame begins: it goes on to the page that Airflow's own address names."""

from fastapi import Request
from starlette.responses import HTMLResponse

from plugins.rest.routing import SlashRouter
from plugins.views.rendering import page

router = SlashRouter()


@router.get("/start/", response_class=HTMLResponse)
def start(request: Request) -> HTMLResponse:
    """Go to the page after the ``#`` of Airflow's address, or to the overview."""
    return page(request, "start.html")
