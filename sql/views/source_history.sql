-- source_history: every result of each data source, newest first by run_id; that a result was used again is folded into it.
-- Read by analysts who ask since when a source is as it is.
--
--   source_path       | layer     | name | run_id | outcome | rows | rows_before | reused | ended_at   | confirmed_at
--   ------------------+-----------+------+--------+---------+------+-------------+--------+------------+-------------
--   sources/de/x.json | addresses | city |    640 | good    | 3200 |        3100 |      4 | 2026-11-01 | 2026-11-25
--
-- rows_before is that of the last good result on the default branch before it. confirmed_at is the last time that it was
-- found to be still true.

create view reports.source_history as
  select r.source_path,
         r.layer,
         r.name,
         r.id as run_id,
         case when not r.status then 'failed' when r.problem = 'skipped' then 'skipped' else 'good' end as outcome,
         r.problem,
         r.problem_detail,
         (r.state->>'feat count')::bigint as rows,
         before.rows as rows_before,
         r.source_id,
         r.state->>'fingerprint' as fingerprint,
         coalesce(r.is_merged, j.is_merged, false) as is_merged,
         r.job_id,
         r.set_id,
         extract(epoch from r.datetime_tz - r.datetime_start)::float8 as run_s,
         coalesce(c.reused, 0) as reused,
         r.datetime_tz as ended_at,
         greatest(r.datetime_tz, c.last_at) as confirmed_at
  from runs r
  left join jobs j on j.id = r.job_id
  left join lateral (
    select count(*)::int as reused, max(x.datetime_tz) as last_at
    from runs x
    where x.source_path = r.source_path and x.layer = r.layer and x.name = r.name and x.copy_of = r.id and x.status) as c on true
  left join lateral (
    select (x.state->>'feat count')::bigint as rows
    from runs x
    left join jobs y on y.id = x.job_id
    where x.source_path = r.source_path and x.layer = r.layer and x.name = r.name and x.id < r.id
      and machine.is_accepted(x) and x.problem is null and x.copy_of is null and (x.is_merged or y.is_merged)
    order by x.id desc
    limit 1) as before on true
  where r.status is not null and r.copy_of is null;
