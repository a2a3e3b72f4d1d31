-- lost_sources: data sources that gave data once and whose newest run on the default branch is bad. Read by maintainers: each
-- is a source to mend. The world has the old data meanwhile.
--
--   source_path       | layer     | name | rows | good_at    | lost_at    | newest_run_id | problem
--   ------------------+-----------+------+------+------------+------------+---------------+-----------------
--   sources/de/x.json | addresses | city | 3200 | 2026-09-01 | 2026-11-25 |           812 | download-blocked

create view reports.lost_sources as
  select c.owner, c.repository, c.source_path, c.layer, c.name,
         c.run_id,
         c.rows,
         c.settled_at as good_at,
         n.datetime_tz as lost_at,
         c.newest_run_id,
         n.problem,
         n.problem_detail
  from reports.current_runs c
  join runs n on n.id = c.newest_run_id
  where c.run_id is not null and not c.newest_status;
