-- dashboard_runs: the start of every set, in seconds since 1970, under the original's name. Read by the dashboard.
--
--   | tsname         |
--   +----------------+
--   | 1416297600.123 |

create view reports.dashboard_runs as
  select round(extract(epoch from datetime_start), 3)::text as tsname
  from sets
  order by datetime_start;
