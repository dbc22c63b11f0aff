"""Processes as the WPS-T describes them (design of the real ADES: keywords and units are texts)."""

from collections.abc import Mapping
from typing import Any

from catalog.records.configuration import JobTypeRecord
from catalog.records.submissions import RegistrationRecord

_OPTIONS = ["async-execute", "dismiss"]
_TRANSMISSION = ["reference"]


def description_of(job_type: JobTypeRecord, known: RegistrationRecord | None) -> dict[str, Any]:
    """Return the description of a process; of one that was not deployed, what its job type says."""
    document: Mapping[str, Any] = {} if known is None else known.document
    description: Mapping[str, Any] = document.get("description", {})
    process: Mapping[str, Any] = description.get("process", {})
    return {
        **_named(job_type, process),
        "owsContextURL": context_address(process),
        "inputs": process.get("inputs") or _inputs(job_type, document),
        "outputs": process.get("outputs") or _outputs(job_type, document),
        "processVersion": job_type.version,
        "jobControlOptions": description.get("jobControlOptions") or _OPTIONS,
        "outputTransmission": description.get("outputTransmission") or _TRANSMISSION,
        "immediateDeployment": "true",
        "executionUnit": ",".join(_hrefs(document.get("execution_unit") or [])),
    }


def summary_of(
    job_type: JobTypeRecord, known: RegistrationRecord | None, url: str
) -> dict[str, Any]:
    """Return the summary that the answer to a deployment has."""
    full = description_of(job_type, known)
    kept = ("id", "title", "abstract", "keywords", "jobControlOptions")
    return {
        **{name: full[name] for name in kept},
        "version": job_type.version,
        "processDescriptionURL": url,
    }


def context_address(process: Mapping[str, Any]) -> str:
    """Return the address of the CWL document that a description names; empty for none."""
    found: Any = process
    for name in ("owsContext", "offering", "content", "href"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def _named(job_type: JobTypeRecord, process: Mapping[str, Any]) -> dict[str, Any]:
    keywords = process.get("keywords") or []
    return {
        "id": f"{job_type.name}:{job_type.version}",
        "title": process.get("title") or job_type.title or job_type.name,
        "abstract": process.get("abstract") or job_type.description or "",
        "keywords": ",".join(map(str, keywords)) if isinstance(keywords, list) else str(keywords),
    }


def _inputs(job_type: JobTypeRecord, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "inputs" in document:
        return [_parameter(e["name"], required=e["is_required"]) for e in document["inputs"]]
    declared = job_type.interface.get("input_data", [])
    return [_parameter(each["name"], required=each["required"]) for each in declared]


def _outputs(job_type: JobTypeRecord, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "outputs" in document:
        return [_parameter(name, required=False) for name in document["outputs"]]
    declared = job_type.interface.get("output_data", [])
    return [_parameter(each["name"], required=each["required"]) for each in declared]


def _parameter(name: str, *, required: bool) -> dict[str, Any]:
    return {"id": name, "title": name, "minOccurs": str(int(required)), "maxOccurs": "1"}


def _hrefs(units: object) -> list[str]:
    return [each for each in map(unit_address, units_of(units)) if each]


def units_of(units: object) -> list[object]:
    """Return the units of a deployment, of which it may have one or a list."""
    return units if isinstance(units, list) else [units]


def unit_address(unit: object) -> str:
    """Return the address of a unit, which may stand there alone; empty for none."""
    found = unit.get("href") if isinstance(unit, Mapping) else unit
    return found if isinstance(found, str) else ""
