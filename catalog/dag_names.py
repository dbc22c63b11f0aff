"""Names of things in the catalogue, as Airflow ids: an injective mapping.

Airflow allows ``[A-Za-z0-9_.-]`` in ids; names and versions of the catalogue may hold anything.
A character that is not allowed becomes ``..XX`` for each byte of its UTF-8 form. A single dot
separates name and version, so a dot inside a name is escaped too, and so is a dot of a version
where another dot or an edge is beside it.
"""

import hashlib
import re
from typing import Final

MAX_LENGTH: Final = 200
_DIGEST_LENGTH: Final = 32


def recipe_dag_id(name: str, version: str) -> str:
    """Return the DAG id of a recipe type."""
    return _dag_id("recipe", name, version)


def job_dag_id(name: str, version: str) -> str:
    """Return the DAG id of a job type whose jobs are queued on their own."""
    return _dag_id("job", name, version)


def strike_dag_id(name: str) -> str:
    """Return the DAG id of a Strike process."""
    return _shortened(f"strike.{_escape(name)}", name)


def task_id(job_name: str) -> str:
    """Return the task id of a job in a recipe."""
    return _shortened(_escape(job_name), job_name)


def recipe_run_id(recipe_id: int) -> str:
    """Return the run id of a recipe: the same every time, so that a run is made once."""
    return f"recipe-{recipe_id}"


def job_run_id(job_id: int) -> str:
    """Return the run id of a job that was queued on its own."""
    return f"job-{job_id}"


def later_run_id(first_run_id: str, number: int) -> str:
    """Return the run id of the second, third, ... run of a recipe or job, for a requeue."""
    return f"{first_run_id}-{number}"


def file_name(name: str) -> str:
    """Return the name of the file of the DAG bundle for a thing of this name."""
    is_plain = re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", name) and len(name) <= MAX_LENGTH
    return f"{name if is_plain else _shortened(_escape(name), name)}.py"


def _dag_id(kind: str, name: str, version: str) -> str:
    return _shortened(f"{kind}.{_escape(name)}.{_escape_version(version)}", f"{name}\0{version}")


def _escape(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", _escape_character, text)


def _escape_version(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]|^\.|\.(?=\.|$)|(?<=\.)\.", _escape_character, text)


def _escape_character(match: re.Match[str]) -> str:
    return "".join(f"..{byte:02x}" for byte in match.group().encode("utf-8", "surrogatepass"))


def _shortened(text: str, original: str) -> str:
    """Keep ids below Airflow's limit of 250: what is cut off is replaced by a digest.

    ``..-`` marks the digest; no id that was not shortened has it, because two dots begin an
    escape and a hexadecimal digit or a third dot follows them.
    """
    if len(text) <= MAX_LENGTH:
        return text
    digest = hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
    return f"{text[: MAX_LENGTH - _DIGEST_LENGTH - 3]}..-{digest}"
