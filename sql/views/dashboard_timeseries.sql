-- dashboard_timeseries: each set that ended, in five numbers: the series of the original's dashboard. Read by the dashboard.
--
--   ts            | addresses | successful_sources | average_cache_time | average_process_time
--   --------------+-----------+--------------------+--------------------+---------------------
--   1416297600123 |  61000000 |               3300 |               12.5 |                 31.2
--
-- ts is in milliseconds since 1970, times are in seconds.

create view reports.dashboard_timeseries as
  select round(tsname::numeric * 1000)::bigint as ts,
         coalesce(sum(address_count), 0)::bigint as addresses,
         count(*) filter (where address_count > 0)::int as successful_sources,
         avg(cache_time) as average_cache_time,
         avg(process_time) as average_process_time
  from reports.dashboard_stats
  group by tsname;
