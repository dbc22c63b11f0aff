"""Where Airflow starts jobs, in this deployment."""

import os
from typing import Final

from schemas.job_interface import Start

START_VARIABLE: Final = "AIRSCALE_START"


def default_start() -> Start:
    """Return where jobs start whose type does not say: ``AIRSCALE_START``, else the triggerer.

    Raises
    ------
    ValueError
        Raised if the variable has another value.
    """
    return Start(os.environ.get(START_VARIABLE) or Start.TRIGGERER)
