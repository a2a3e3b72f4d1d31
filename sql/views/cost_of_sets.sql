-- cost_of_sets: how many seconds workers spent on each set. Read by who pays for the workers.
--
--   set_id | runs | reused | worker_s | wasted_s | longest_s
--   -------+------+--------+----------+----------+----------
--       41 | 4862 |    700 |    88000 |     1200 |      3100
--
-- wasted_s is in worker_s: attempts that were given up, and failures. What was used again cost nothing.

create view reports.cost_of_sets as
  select set_id,
         count(*)::int as runs,
         count(*) filter (where copy_of is not null)::int as reused,
         coalesce(sum(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))
           filter (where copy_of is null), 0)::float8 as worker_s,
         coalesce(sum(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))
           filter (where copy_of is null and status is not true), 0)::float8 as wasted_s,
         coalesce(max(extract(epoch from coalesce(abandoned_at, datetime_tz) - datetime_start))
           filter (where copy_of is null), 0)::float8 as longest_s
  from runs
  where set_id is not null and (status is not null or abandoned_at is not null)
  group by set_id;
