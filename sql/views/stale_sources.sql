-- stale_sources: data sources whose data was last found to be true more than 30 days ago. Read by maintainers and by users who
-- ask how old the data is.
--
--   source_path       | layer     | name | run_id | rows | good_at    | age_days | newest_status | newest_problem
--   ------------------+-----------+------+--------+------+------------+----------+---------------+-----------------
--   sources/de/x.json | addresses | city |    640 | 3200 | 2026-09-01 |       85 | f             | download-blocked

create view reports.stale_sources as
  select owner, repository, source_path, layer, name,
         run_id,
         rows,
         settled_at as good_at,
         extract(day from now() - settled_at)::int as age_days,
         newest_status,
         newest_problem
  from reports.current_runs
  where run_id is not null and not is_skipped and settled_at < now() - interval '30 days';
