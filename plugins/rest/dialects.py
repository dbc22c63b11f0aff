"""The dialects besides Scale's own; one that is listed here is mounted, documented and guarded."""

from typing import Final

from plugins.rest.dialect import Dialect
from plugins.rest.mozart.dialect import GRQ, MOZART
from plugins.rest.ocps.dialect import OCPS
from plugins.rest.pai.dialect import PAI
from plugins.rest.unity.dialect import ADES, JOBS_DATABASE

DIALECTS: Final[tuple[Dialect, ...]] = (MOZART, GRQ, OCPS, ADES, JOBS_DATABASE, PAI)
