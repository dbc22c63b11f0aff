"""Files that pages offer for download."""

from starlette.responses import Response

from plugins.views.plots import Sheet
from plugins.views.ranges import Days


def csv_file(name: str, days: Days, sheet: Sheet) -> Response:
    """Return the values of a sheet as a file that is named after them and its days."""
    file_name = f"{name}-{days.first}-{days.last}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(sheet.csv(), media_type="text/csv", headers=headers)
