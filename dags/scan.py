"""Scans: a run for each time a scan is told to look, or to ingest.

The run works through the files in a worker. One that dies is tried again, and passes by what is
done (`catalog.services.scans`).
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, BaseOperator, Context


class RunScan(BaseOperator):
    """Runs the scan that the run is for."""

    def execute(self, context: Context) -> None:
        """Run the scan to its end, and fail if it could not look."""
        from catalog.catalogue import Catalogue  # noqa: PLC0415 - parsing must stay cheap
        from catalog.states import ScanStatus  # noqa: PLC0415 - as above

        catalogue = Catalogue.from_environment(pool_size=1)
        try:
            scan = catalogue.scans.run(int(context["dag_run"].conf["scan_id"]))
        finally:
            catalogue.database.close()
        self.log.info(
            "%s files: %s ingested, %s known, %s passed over, %s errored.",
            scan.found, scan.registered, scan.known, scan.passed_over, scan.errored,
        )  # fmt: skip
        if scan.status is ScanStatus.FAILED:
            raise RuntimeError(scan.problem)


with DAG(
    dag_id="airscale.scan",
    dag_display_name="Scan",
    description="Ingests the files of a directory or a workspace once.",
    schedule=None,
    start_date=datetime(2016, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=2,
    tags={"airscale", "system"},
) as dag:
    RunScan(task_id="scan", retries=3, retry_delay=timedelta(seconds=10), do_xcom_push=False)
