-- drops: data sources that lost rows in the last 7 days, the largest loss in lost. Read by maintainers each week.
--
--   source_path       | layer     | name | run_id | against | rows_before | rows_now | lost | percent | verdict | ended_at
--   ------------------+-----------+------+--------+---------+-------------+----------+------+---------+---------+-----------
--   sources/de/x.json | addresses | city |     12 |       9 |       20000 |    15000 | 5000 |    25.0 | hold    | 2026-11-25
--
-- verdict: hold is what waits for a person; accept is what counts, since it lost little or somebody accepted it.

create view reports.drops as
  select r.source_path, r.layer, r.name,
         r.id as run_id,
         v.against,
         n.before as rows_before,
         n.now as rows_now,
         n.before - n.now as lost,
         round(100.0 * (n.before - n.now) / n.before, 1)::float8 as percent,
         case when v.accepted_at is not null then 'accept' else v.verdict end as verdict,
         r.is_merged,
         r.datetime_tz as ended_at
  from verdicts v
  join runs r on r.id = v.run_id
  cross join lateral (
    select (f->>'before')::bigint as before, (f->>'now')::bigint as now
    from jsonb_array_elements(v.fields) as f
    where f->>'field' = 'rows') as n
  where v.datetime > now() - interval '7 days' and n.now < n.before;
