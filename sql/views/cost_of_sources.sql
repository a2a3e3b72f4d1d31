-- cost_of_sources: how many seconds workers spent on each data source in the last 30 days. Read by who pays for the workers.
--
--   source_path       | layer     | name | runs | worker_s | wasted_s | longest_s
--   ------------------+-----------+------+------+----------+----------+----------
--   sources/de/x.json | addresses | city |    5 |      640 |       12 |       300
--
-- wasted_s is in worker_s: attempts that were given up, and failures.

create view reports.cost_of_sources as
  select source_path, layer, name,
         count(*)::int as runs,
         sum(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))::float8 as worker_s,
         coalesce(sum(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))
           filter (where status is not true), 0)::float8 as wasted_s,
         max(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))::float8 as longest_s
  from runs
  where datetime_start > now() - interval '30 days' and copy_of is null and (status is not null or abandoned_at is not null)
  group by source_path, layer, name;
