"""What to do with a file by its name and kind: store it, leave it, or refuse it.

Imports without Airflow.
"""

import unicodedata

from strike.scanner import Sighting


def shown(name: str) -> str:
    r"""Return a file name as text that can be stored: bytes that are not UTF-8 become ``\xNN``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def name_refusal(name: str) -> str | None:
    """Return why a file of this name cannot be stored, or None."""
    if shown(name) != name:
        return (
            f"The name '{shown(name)}' is not valid UTF-8 (bytes that are not are shown as \\xNN),"
            " so the catalogue cannot hold it. Rename the file."
        )
    if any(unicodedata.category(character) == "Cc" for character in name):
        return (
            f"The name {name!a} holds control characters, which break command lines and logs."
            " Rename the file."
        )
    return None


def refusal(file: Sighting) -> str | None:
    """Return why a file cannot be ingested, whatever the rules say, or None."""
    problem = name_refusal(file.name.rpartition("/")[2])
    if problem is not None:
        return problem
    if not file.is_regular:
        return (
            f"'{file.name}' is a link, pipe, socket or device, not a plain file, so its content is"
            " not here. Send the file itself."
        )
    return None


def content_refusal(file: Sighting) -> str | None:
    """Return why the content of a file cannot be ingested, or None."""
    if file.size == 0:
        return (
            f"The file '{file.name}' is empty (0 bytes): there is nothing to ingest."
            " Send it again with its content."
        )
    return None
