"""
Become one component: record this process, then exec the component's program.

The component writes its own record, so that there is no moment in which it runs unrecorded,
whenever the process that started it dies. Exec keeps the process number and its start time.

Usage: ``python -m airscale.launch NAME PROGRAM [ARGUMENT ...]`` with AIRSCALE_HOME set.
"""

import os
import sys

from airscale.home import PROJECT_ROOT, Home
from airscale.records import ProcessRecord, write


def main() -> None:
    """Record, then exec; a program that is not there ends this process with an error."""
    name, *command = sys.argv[1:]
    write(Home.from_environment(), ProcessRecord.of(name, os.getpid()))
    os.chdir(PROJECT_ROOT)
    os.execvp(command[0], command)  # noqa: S606 - the command is the stack's own


if __name__ == "__main__":
    main()
