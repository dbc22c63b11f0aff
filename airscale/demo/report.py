"""The table of products that the demonstration ends with."""

from datetime import datetime
from typing import Any

from rich.table import Table
from shapely import from_wkt

from airscale.demo.client import ScaleClient


def product_table(client: ScaleClient, products: list[dict[str, Any]]) -> Table:
    """Return name, size, footprint, path and seconds from arrival of each product."""
    arrivals = {
        each["source_file"]["id"]: datetime.fromisoformat(each["transfer_ended"])
        for each in client.list("/ingests/", status="INGESTED")
        if each["source_file"] is not None
    }
    table = Table(title="Products, with the seconds from the arrival of their scene")
    table.add_column("product", overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("footprint (W S E N)", overflow="fold")
    table.add_column("path in its workspace", overflow="fold")
    table.add_column("s", justify="right", no_wrap=True)
    for product in sorted(products, key=lambda each: str(each["file_name"])):
        detail = client.get(f"/products/{product['id']}/")
        arrived = [arrivals[each["id"]] for each in detail["sources"] if each["id"] in arrivals]
        table.add_row(
            product["file_name"],
            size_text(product["file_size"]),
            footprint_text(product["geometry"]),
            detail["file_path"],
            seconds_text(arrived, product["published"]),
        )
    return table


def size_text(size: int) -> str:
    """Return a size in bytes as a person reads it."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:  # noqa: PLR2004  # bytes to a KiB, KiB to a MiB
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def footprint_text(geometry: str | None) -> str:
    """Return the edges of a footprint in degrees: west, south, east, north."""
    if geometry is None:
        return ""
    west, south, east, north = from_wkt(geometry).bounds
    return f"{west:.2f} {south:.2f} {east:.2f} {north:.2f}"


def seconds_text(arrived: list[datetime], published: str) -> str:
    """Return the seconds from the arrival of the last source to the publication."""
    if not arrived:
        return ""
    return f"{(datetime.fromisoformat(published) - max(arrived)).total_seconds():.1f}"
