-- never_worked: data sources of the default branch that never gave data. Read by maintainers.
--
--   source_path       | layer     | name | seen_at    | newest_run_id | problem
--   ------------------+-----------+------+------------+---------------+--------------------
--   sources/de/y.json | addresses | city | 2026-11-25 |           813 | download-not-found
--
-- newest_run_id is null where none has been run yet.

create view reports.never_worked as
  select owner, repository, source_path, layer, name, seen_at, newest_run_id, newest_problem as problem
  from reports.current_runs
  where run_id is null;
