-- dashboard_stats: every result of every set that ended, under the original's names. Read by the dashboard and by sum-up-data.
--
--   tsname         | source   | version  | process_time | cache_time | address_count | geometry_type | fingerprint
--   ---------------+----------+----------+--------------+------------+---------------+---------------+------------
--   1416297600.123 | de/x     | 20141118 |           12 |          3 |          3200 | Point         | 9af…
--
-- Times are in seconds. Sets that were cancelled have not ended; results that say to skip are none.

create view reports.dashboard_stats as
  select round(extract(epoch from s.datetime_start), 3)::text as tsname,
         r.source_path as source,
         r.layer,
         r.name,
         r.state->>'version' as version,
         extract(epoch from nullif(r.state->>'process time', '')::interval)::float8 as process_time,
         extract(epoch from nullif(r.state->>'cache time', '')::interval)::float8 as cache_time,
         coalesce(r.state->>'address count', r.state->>'feat count')::bigint as address_count,
         r.state->>'geometry type' as geometry_type,
         r.state->>'processed' as processed_url,
         r.state->>'cache' as cache_url,
         r.state->>'sample' as sample_url,
         r.state->>'output' as output_url,
         r.state->>'fingerprint' as fingerprint
  from runs r
  join sets s on s.id = r.set_id
  where s.datetime_end is not null and s.cancelled_at is null and r.status is not null and r.problem is distinct from 'skipped';
