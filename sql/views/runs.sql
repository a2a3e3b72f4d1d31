-- runs: every attempt at every data source. Read by analysts and operators.
--
--   id | source_path       | layer     | name | outcome | rows | problem | wait_s | run_s | worker_id
--   ---+-------------------+-----------+------+---------+------+---------+--------+-------+----------
--   12 | sources/de/x.json | addresses | city | good    | 3200 |         |      1 |     9 | host/1/ab

create view reports.runs as
  select r.id,
         r.source_path,
         r.layer,
         r.name,
         case
           when r.abandoned_at is not null then 'abandoned'
           when r.status is null then 'running'
           when not r.status then 'failed'
           when r.copy_of is not null then 'reused'
           when r.problem = 'skipped' then 'skipped'
           else 'good'
         end as outcome,
         (r.state->>'feat count')::int as rows,
         r.problem,
         r.problem_detail,
         r.abandoned_why,
         r.attempt,
         r.worker_id,
         r.code_version,
         r.job_id,
         r.set_id,
         r.copy_of,
         r.commit_sha,
         r.is_merged,
         r.state->>'fingerprint' as fingerprint,
         r.datetime_start,
         r.datetime_tz,
         extract(epoch from r.datetime_start - coalesce(j.datetime_start, s.released_at))::int as wait_s,
         extract(epoch from coalesce(r.abandoned_at, r.datetime_tz) - r.datetime_start)::int as run_s
  from runs r
  left join jobs j on j.id = r.job_id
  left join set_sources s on s.set_id = r.set_id and s.source_path = r.source_path and s.layer = r.layer and s.name = r.name;
