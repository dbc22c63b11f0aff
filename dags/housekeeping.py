"""Housekeeping: a run every minute, whose one task looks at the catalogue's clock.

What is due is decided by the clock rules in the catalogue (seed 001, Clock Triggers). A run that
comes late or not at all loses nothing: the next one finds what is due. The tallies that lists are
counted by are folded, and old logs of jobs removed, too. Nothing is imported or asked for while
Airflow parses this file, and a run leaves one task, no XCom, and a line of log.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, BaseOperator, Context


class CheckClock(BaseOperator):
    """Fires the clock rules that are due, and fails if one of them could not."""

    def execute(self, context: Context) -> None:
        """Look at the clock once, fold the tallies of long lists, and measure workspaces."""
        del context
        from catalog.catalogue import Catalogue  # noqa: PLC0415 - parsing must stay cheap
        from catalog.logs.retention import remove_old_logs  # noqa: PLC0415 - as above

        catalogue = Catalogue.from_environment(pool_size=1)
        try:
            check = catalogue.clock.check()
            catalogue.tallies.fold()
            catalogue.moves.run()
            overdue = catalogue.triggers.report_overdue()
            catalogue.usage.measure()
        finally:
            catalogue.database.close()
        for tick in check.ticks:
            self.log.info("%s fired for %s.", tick.rule, tick.slot.isoformat())
        if overdue:
            self.log.warning("%s groups of files waited too long: see /triggers/events/.", overdue)
        try:
            if removed := remove_old_logs():
                self.log.info("%s old logs of jobs were removed.", removed)
        except OSError as error:
            self.log.warning("Old logs of jobs could not be looked for: %s", error)
        if check.problems:
            raise RuntimeError(" ".join(check.problems))


with DAG(
    dag_id="airscale.housekeeping",
    dag_display_name="Housekeeping",
    description="Looks at the clock every minute: job load, daily metrics, and other clock rules.",
    schedule="* * * * *",
    start_date=datetime(2016, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags={"airscale", "system"},
) as dag:
    CheckClock(
        task_id="check-clock",
        # A run that begins while the API server starts is lost before it is a task.
        retries=3,
        retry_delay=timedelta(seconds=10),
        do_xcom_push=False,
        execution_timeout=timedelta(minutes=30),
    )
