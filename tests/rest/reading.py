"""Reading the lists of the Scale dialect, in tests of all of them."""

from typing import Any, Final

from fastapi.testclient import TestClient

SCALE: Final = "/scale/api"
Rows = list[dict[str, Any]]


def rows_of(client: TestClient, path: str, **parameters: Any) -> Rows:
    """Return the results of a list."""
    answer = client.get(address_of(path), params=parameters)
    assert answer.status_code == 200, answer.text
    results: Rows = answer.json()["results"]
    return results


def address_of(path: str) -> str:
    """Return the address of a list."""
    return f"{SCALE}{path.format(id=1, name='job-types')}"


def identity(row: dict[str, Any]) -> Any:
    """Return what tells a row from others."""
    own = [str(row[name]) for name in ("id", "name", "time") if name in row]
    parts = ("strike", "job_type", "node", "column")
    return own or [identity(row[name]) for name in parts if name in row]


def value_at(row: dict[str, Any], field: str, separator: str = ".") -> Any:
    """Return a field of a row, nested with the separator."""
    value: Any = row
    for name in field.split(separator):
        value = None if value is None else value[name]
    return value


def shape(path: str) -> list[str]:
    """Return the parts of a path, whatever its parameters are called."""
    return ["{}" if part.startswith("{") else part for part in path.split("/")]
