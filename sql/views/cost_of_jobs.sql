-- cost_of_jobs: how many seconds workers spent on each job. Read by who pays for the workers.
--
--   job_id | runs | reused | worker_s | wasted_s | longest_s
--   -------+------+--------+----------+----------+----------
--   4f…    | 4862 |    700 |    88000 |     1200 |      3100
--
-- wasted_s is in worker_s: attempts that were given up, and failures. What was used again cost nothing.

create view reports.cost_of_jobs as
  select job_id,
         count(*)::int as runs,
         count(*) filter (where copy_of is not null)::int as reused,
         coalesce(sum(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))
           filter (where copy_of is null), 0)::float8 as worker_s,
         coalesce(sum(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))
           filter (where copy_of is null and status is not true), 0)::float8 as wasted_s,
         coalesce(max(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))
           filter (where copy_of is null), 0)::float8 as longest_s
  from runs
  where job_id is not null and (status is not null or abandoned_at is not null)
  group by job_id;
