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
    content = ((process.get("owsContext") or {}).get("offering") or {}).get("content") or {}
    return {
        **_named(job_type, process),
        "owsContextURL": content.get("href", ""),
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
    listed = units if isinstance(units, list) else [units]
    return [str(each["href"]) for each in listed if isinstance(each, dict) and each.get("href")]
