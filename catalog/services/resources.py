"""How much disk a job needs (contract section 4, Resources)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from catalog.records.configuration import JobTypeRecord
from catalog.records.files import FileRecord

MIN_CPUS: Final = 0.25
MIN_MEM: Final = 128.0
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Resources:
    """CPUs, and memory and disk in MiB."""

    cpus: float
    mem: float
    disk_in: float
    disk_out: float


def resources_of(job_type: JobTypeRecord, files: Iterable[FileRecord]) -> Resources:
    """Return what a job of this type needs for these input files."""
    disk_in = float(math.ceil(sum(file.file_size for file in files) / _MIB))
    disk_out = math.ceil(
        job_type.disk_out_mult_required * disk_in + job_type.disk_out_const_required
    )
    return Resources(
        cpus=max(job_type.cpus_required, MIN_CPUS),
        mem=max(job_type.mem_required, MIN_MEM),
        disk_in=disk_in,
        disk_out=float(disk_out),
    )
