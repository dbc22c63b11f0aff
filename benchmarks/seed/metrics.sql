-- Daily metrics of every job type and Strike process, and the job load of every hour of 90 days;
-- made once, beside whatever the catalogue was filled with.

INSERT INTO job_type_metrics SELECT day, type.id, counts.*, times.* FROM
    generate_series(now()::date - 90, now()::date - 1, interval '1 day') AS day,
    job_type AS type,
    LATERAL (SELECT 200 + type.id % 40, type.id % 7, type.id % 3, 200 + type.id % 40 +
        type.id % 7 + type.id % 3) AS counts (completed, failed, canceled, total),
    LATERAL (SELECT 6000.0, 1.0, 300.0, 30.0, 600.0, 0.5, 9.0, 3.0, 90000.0, 20.0, 1800.0, 450.0,
        800.0, 1.0, 20.0, 4.0, 91000.0, 22.0, 1830.0, 457.0, 200.0, 0.1, 5.0, 1.0) AS times
    WHERE NOT type.is_system AND NOT EXISTS (SELECT FROM job_type_metrics);

INSERT INTO ingest_metrics SELECT day, strike.id, 0, 2100, 40, 60, 2200, 2.2e9, 1e6, 1.2e6, 1e6,
    4400.0, 0.5, 30.0, 2.0, 1100.0, 0.1, 9.0, 0.5 FROM
    generate_series(now()::date - 90, now()::date - 1, interval '1 day') AS day, strike
    WHERE NOT EXISTS (SELECT FROM ingest_metrics);

WITH measured AS (
    INSERT INTO load_measurement (measured) SELECT hour FROM
        generate_series(now() - interval '90 days', now(), interval '1 hour') AS hour
        WHERE NOT EXISTS (SELECT FROM load_measurement) RETURNING id
)
INSERT INTO job_load SELECT measured.id, type.id, type.id % 5, type.id % 90, type.id % 8 FROM
    measured, job_type AS type WHERE NOT type.is_system;
