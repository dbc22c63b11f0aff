"""Airflow's command line, with two of its loops made thrifty.

``python -m dag_factory.airflow_command triggerer`` is ``airflow triggerer``, and so is every other
command with all its options. With Airflow's own all works as well, and each short job costs several
times as much CPU time.
"""

import sys


def main() -> None:
    """Run a command of Airflow."""
    # Each imports much that the other does not need.
    match sys.argv[1:2]:
        case ["dag-processor"]:
            from dag_factory import airflow_dag_processor  # noqa: PLC0415

            airflow_dag_processor.use()
        case ["triggerer"]:
            from dag_factory import airflow_triggerer  # noqa: PLC0415

            airflow_triggerer.use()
    from airflow.__main__ import main as airflow  # noqa: PLC0415

    airflow()


if __name__ == "__main__":
    main()
