-- Rows of the catalogue; what stands in braces is filled in by catalogue.py.

-- What rows are made of: chances are even between 0 and 1, and the same for the same numbers;
-- a few types have most of the jobs; rows come in the order of their ids, the last of them now.
CREATE FUNCTION pg_temp.chance(row_id bigint, salt bigint) RETURNS float IMMUTABLE RETURN
    (hashint8extended(row_id, salt) & 4294967295) / 4294967296.0;

CREATE FUNCTION pg_temp.type_of(job bigint) RETURNS bigint IMMUTABLE RETURN CASE WHEN job <=
    {strikes} THEN 1  ELSE {first_type} + floor({types} * pg_temp.chance(job, 1) ^ 2)::bigint
    END;

CREATE FUNCTION pg_temp.status_of(job bigint) RETURNS text IMMUTABLE RETURN CASE WHEN job <=
    {strikes} THEN 'RUNNING' WHEN pg_temp.chance(job, 2) < 0.92 THEN 'COMPLETED' WHEN
    pg_temp.chance(job, 2) < 0.96 THEN 'FAILED' WHEN pg_temp.chance(job, 2) < 0.98 THEN
    'CANCELED' WHEN pg_temp.chance(job, 2) < 0.9945 THEN 'QUEUED'
    WHEN pg_temp.chance(job, 2) < 0.995 THEN 'RUNNING' WHEN pg_temp.chance(job, 2) < 0.998 THEN 'PENDING' ELSE 'BLOCKED' END;

CREATE FUNCTION pg_temp.time_of(row_id bigint, rows bigint) RETURNS timestamptz STABLE RETURN
    now() - interval '1 second' * ({days} * 86400.0 * (rows - row_id) / rows);

CREATE FUNCTION pg_temp.source_of(job bigint) RETURNS bigint IMMUTABLE RETURN (job - 1) *
    {sources} / {jobs} + 1;


-- What a data engineer configured.
INSERT INTO error (id, name, title, category, is_builtin) SELECT 1000 + i, 'error-' || i, 'Error ' || i, (ARRAY['ALGORITHM', 'DATA', 'SYSTEM'])[i], i = 3 FROM generate_series(1, 3) AS i;

INSERT INTO workspace (id, name, title, is_active, json_config) VALUES (1001, 'raw', 'Raw',
    true, {workspace}), (1002, 'products', 'Products', true, {workspace});

INSERT INTO node (id, hostname, port, is_paused, is_paused_errors, is_active, last_offer) SELECT
    1000 + i, 'node-' || i, 0, false, false, true, now() FROM generate_series(1, {nodes}) AS i;

INSERT INTO job_type (id, name, version, title, description, category, is_system,
    is_long_running, is_active, is_operational, is_paused, uses_docker, docker_privileged,
    interface, error_mapping, revision_num, priority, timeout, max_tries, cpus_required,
    mem_required, disk_out_const_required, disk_out_mult_required) SELECT {first_type} + i,
    'type-' || i, '1.0', 'Type ' || i, 'Makes products of kind ' || i, 'category-' || i % 5,
    false, false, true, true, false, false, false, '{{"version": "1.0", "command": "true",
    "command_arguments": ""}}', '{{}}', 1, 100, 1800, 3, 1, 512, 64, 0 FROM generate_series(0,
    {types} - 1) AS i;

INSERT INTO job_type_revision (id, job_type_id, revision_num, interface) SELECT id, id,
    revision_num, interface FROM job_type WHERE id >= {first_type};

INSERT INTO recipe_type (id, name, version, title, description, is_active, definition,
    revision_num) SELECT {first_type} + i, 'recipe-' || i, '1.0', 'Recipe ' || i, 'Of one job',
    true, '{{"version": "1.0", "jobs": []}}', 1 FROM generate_series(0, {types} - 1) AS i;

INSERT INTO recipe_type_revision (id, recipe_type_id, revision_num, definition) SELECT id, id,
    revision_num, definition FROM recipe_type WHERE id >= {first_type};


-- Work: a job is an execution is a recipe.
INSERT INTO trigger_event (id, type, description, occurred) SELECT i, 'INGEST',
    jsonb_build_object('version', '1.0', 'file_id', i), pg_temp.time_of(i, {sources}) FROM
    generate_series(1, {sources}::bigint) AS i;

INSERT INTO job (id, job_type_id, job_type_rev_id, event_id, status, reason, error_id, priority,
    num_exes, timeout, max_tries, cpus_required, mem_required, disk_in_required,
    disk_out_required, data, results, created, queued, started, ended, last_status_change,
    last_modified) SELECT i, type, rev.id, pg_temp.source_of(i), status, CASE status WHEN
    'FAILED' THEN 'The program ended with exit code 3.' END, CASE status WHEN 'FAILED' THEN 1001
    + i % 3 END, 100, CASE WHEN status IN ('PENDING', 'BLOCKED') THEN 0 ELSE 1 END, 1800, 3, 1,
    512, 100 * pg_temp.chance(i, 3), 64, jsonb_build_object('version', '1.0', 'input_data',
    jsonb_build_array(  jsonb_build_object('name', 'INPUT', 'file_id', pg_temp.source_of(i)))),
    CASE status WHEN 'COMPLETED' THEN '{{"version": "1.0", "output_data": []}}'::jsonb  ELSE
    '{{}}'::jsonb END, created, CASE WHEN status NOT IN ('PENDING', 'BLOCKED') THEN created END,
    CASE WHEN status NOT IN ('PENDING', 'BLOCKED', 'QUEUED') THEN created + lead END, CASE WHEN
    status IN ('COMPLETED', 'FAILED', 'CANCELED') THEN created + 2 * lead END, created + 2 *
    lead, created + 2 * lead FROM (SELECT i, pg_temp.type_of(i) AS type, pg_temp.status_of(i) AS
    status,  pg_temp.time_of(i, {jobs}) - interval '1 hour' AS created,  interval '30 minutes' *
    pg_temp.chance(i, 4) AS lead  FROM generate_series(1, {jobs}::bigint) AS i) AS made JOIN
    (SELECT id, job_type_id FROM job_type_revision WHERE revision_num = 1) AS rev ON
    rev.job_type_id = made.type;

INSERT INTO job_exe (id, job_id, job_type_id, status, error_id, detail, node_id,
    command_arguments, timeout, environment, cpus_scheduled, mem_scheduled, disk_in_scheduled,
    disk_out_scheduled, job_started, job_completed, job_exit_code, results, results_manifest,
    created, queued, started, ended, last_modified) SELECT id, id, job_type_id, CASE WHEN status
    IN ('PENDING', 'BLOCKED') THEN 'CANCELED' ELSE status END, error_id, reason, CASE WHEN
    started IS NOT NULL THEN 1001 + id % {nodes} END, 'input.tif /work', timeout, '{{}}', 1,
    512, disk_in_required, 64, started, ended, CASE status WHEN 'COMPLETED' THEN 0 WHEN 'FAILED'
    THEN 3 END, results, '{{}}', created, created, started, ended, last_modified FROM job;

INSERT INTO recipe (id, recipe_type_id, recipe_type_rev_id, event_id, data, created, completed,
    last_modified) SELECT id, type, type, event_id, data, created, CASE status WHEN 'COMPLETED'
    THEN ended END, last_modified FROM (SELECT job.*, greatest(job_type_id, {first_type}) AS
    type FROM job) AS job;

INSERT INTO recipe_job (recipe_id, job_name, job_id) SELECT id, 'step', id FROM job;


-- Files. Every twentieth product was made again by the job after it; every hundredth never came
-- out.
INSERT INTO strike (id, name, title, configuration, job_id, is_active) SELECT i, 'strike-' || i,
    'Strike ' || i, {strike}, i, true FROM generate_series(1, {strikes}) AS i;

INSERT INTO scale_file (id, kind, workspace_id, file_name, file_path, media_type, file_size,
    sha256, data_type, uuid, is_deleted, data_started, data_ended, geometry, center_point,
    meta_data, countries, created, last_modified, is_parsed, parsed, is_operational,
    is_published) SELECT i, 'SOURCE', 1001, 'scene-' || i || '.tif', 'raw/scene-' || i ||
    '.tif', 'image/tiff', 1000000 + i, md5(i::text) || md5(i::text), ARRAY['scene'],
    md5('source' || i), false, at, at, 'POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))', 'POINT (0.5 0.5)',
    '{{}}', ARRAY['FRA'], at, at, i % 4 <> 0, CASE WHEN i % 4 <> 0 THEN at END, true, false FROM
    generate_series(1, {sources}::bigint) AS i, pg_temp.time_of(i, {sources}) AS at;

INSERT INTO scale_file (id, kind, workspace_id, file_name, file_path, media_type, file_size,
    sha256, data_type, uuid, is_deleted, data_started, data_ended, geometry, center_point,
    meta_data, countries, created, last_modified, is_parsed, is_operational, is_published,
    published, unpublished, job_type_id, job_id, job_exe_id, output_name) SELECT {sources} + i,
    'PRODUCT', 1002, 'product-' || i || '.geojson', 'made/product-' || i || '.geojson',
    'application/vnd.geo+json', 2000 + i, md5('p' || i) || md5('q' || i), ARRAY['points'],
    md5('product' || CASE WHEN i % 20 = 0 THEN i + 1 ELSE i END), false, at, at, 
    'POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))', 'POINT (0.5 0.5)', '{{}}', ARRAY['FRA'], at, at, false, i % 10 <> 3,
    i % 100 <> 7 AND (i % 20 <> 0 OR i = {products}), CASE WHEN i % 100 <> 7 THEN at END, CASE
    WHEN i % 20 = 0 AND i < {products} THEN at END, job.job_type_id, job.id, job.id, 'OUT' FROM
    generate_series(1, {products}::bigint) AS i JOIN job ON job.id = (i - 1) * {jobs} /
    {products} + 1, pg_temp.time_of(i, {products}) AS at;

INSERT INTO file_ancestry (descendant_id, ancestor_id, is_direct, job_exe_id) SELECT id,
    pg_temp.source_of(job_id), true, job_exe_id FROM scale_file WHERE kind = 'PRODUCT';

INSERT INTO ingest (id, strike_id, file_name, status, bytes_transferred, file_size, mtime_ns,
    media_type, data_type, workspace_id, transfer_path, file_path, source_file_id,
    transfer_started, transfer_ended, ingest_started, ingest_ended, created, last_modified)
    SELECT id, 1 + id % {strikes}, file_name, CASE WHEN id % 50 = 0 THEN 'ERRORED' WHEN id % 33
    = 0 THEN 'DUPLICATE' ELSE 'INGESTED' END, file_size, file_size, id, media_type, data_type,
    1001, file_name, file_path, id, created, created, created, created, created, last_modified
    FROM scale_file WHERE kind = 'SOURCE';

