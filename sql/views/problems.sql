-- problems: how many runs ended with each problem, ever and in the last week. Read by /metrics, and by operators.
--
--   code             | runs | last_week
--   -----------------+------+----------
--   download-blocked |   31 |         4

create view reports.problems as
  select problem as code,
         count(*)::int as runs,
         count(*) filter (where datetime_tz > now() - interval '7 days')::int as last_week
  from runs
  where problem is not null and status is not null
  group by problem;
