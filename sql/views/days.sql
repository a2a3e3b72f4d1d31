-- days: what was done on each day (UTC), layer by layer: runs, rows, seconds. Read by analysts who look for trends.
--
--   day        | layer     | runs | good | failed | reused | rows     | worker_s | median_s | longest_s
--   -----------+-----------+------+------+--------+--------+----------+----------+----------+----------
--   2026-11-25 | addresses | 4100 | 3300 |    200 |    600 | 61000000 |    88000 |       11 |      3100
--
-- rows are those of good results that were made on that day; what was used again is in reused only.

create view reports.days as
  select (datetime_tz at time zone 'UTC')::date as day,
         layer,
         count(*)::int as runs,
         count(*) filter (where status and copy_of is null)::int as good,
         count(*) filter (where not status)::int as failed,
         count(*) filter (where status and copy_of is not null)::int as reused,
         coalesce(sum((state->>'feat count')::bigint) filter (where status and copy_of is null), 0)::bigint as rows,
         coalesce(sum(extract(epoch from datetime_tz - datetime_start)) filter (where copy_of is null), 0)::float8 as worker_s,
         percentile_cont(0.5) within group (order by extract(epoch from datetime_tz - datetime_start)::float8)
           filter (where copy_of is null) as median_s,
         max(extract(epoch from datetime_tz - datetime_start)) filter (where copy_of is null)::float8 as longest_s
  from runs
  where status is not null
  group by 1, 2;
