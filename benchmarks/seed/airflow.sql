-- Rows of the metadata of Airflow; what stands in braces is filled in by airflow.py.

-- DAGs, runs, and a task instance of each.
INSERT INTO dag_bundle (name, active) VALUES ('benchmark', true) ON CONFLICT DO NOTHING;

INSERT INTO dag (dag_id, is_paused, is_stale, bundle_name, fileloc, relative_fileloc, owners,
    max_active_tasks, max_active_runs, max_consecutive_failed_dag_runs,
    has_task_concurrency_limits, exceeds_max_non_backfill, timetable_type,
    timetable_partitioned, timetable_periodic, partition_mapper_info, fail_fast) SELECT
    'recipe.recipe-' || i || '.1.0', false, false, 'benchmark', 'recipes.py', 'recipes.py',
    'airscale', 16, 500, 0, false, false, '', false, false, '{{}}', false FROM
    generate_series(0, {dags} - 1) AS i;

INSERT INTO dag_version (id, version_number, dag_id, bundle_name, created_at, last_updated)
    SELECT md5(dag_id)::uuid, 1, dag_id, 'benchmark', now(), now() FROM dag;

INSERT INTO dag_run (id, dag_id, queued_at, start_date, end_date, state, run_id, run_type,
    triggered_by, conf, run_after, last_scheduling_decision, log_template_id, created_at,
    updated_at, clear_number, span_status, created_dag_version_id) SELECT i, dag_id, at, at, at
    + interval '1 minute', CASE WHEN i % 25 = 0 THEN 'failed' ELSE 'success' END, 'recipe-' ||
    i, 'manual', 'REST_API', '{{}}', at, at, (SELECT max(id) FROM log_template), at, at, 0,
    'not_started', md5(dag_id)::uuid FROM (SELECT i, now() - interval '1 second' * ({days} *
    86400.0 * ({runs} - i) / {runs}) AS at,  'recipe.recipe-' || floor({dags} *
    ((hashint8extended(i, 1) & 4294967295) / 4294967296.0)   ^ 2)::int || '.1.0' AS dag_id  FROM
    generate_series(1, {runs}::bigint) AS i) AS made;

INSERT INTO task_instance (id, task_id, dag_id, run_id, map_index, start_date, end_date,
    duration, state, try_number, max_tries, hostname, unixname, pool, pool_slots, queue,
    priority_weight, operator, custom_operator_name, queued_dttm, scheduled_dttm,
    executor_config, updated_at, span_status, task_display_name, dag_version_id) SELECT
    md5('task' || id)::uuid, 'step', dag_id, run_id, -1, start_date, end_date, 60, state, 1, 0,
    'node-' || id % 10, 'airscale', 'default_pool', 1, 'default', 1, 'JobOperator', '',
    start_date, start_date, '\x80057d942e', end_date, 'not_started', 'step',
    created_dag_version_id FROM dag_run;

