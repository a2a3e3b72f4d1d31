-- set_progress: how far each set is that goes, and when it will end. Read by analysts and operators who wait for it.
--
--   id | repository    | state | sources | settled | percent | took_s | left_s | ends_at
--   ---+---------------+-------+---------+---------+---------+--------+--------+--------------------
--   41 | openaddresses | going |    4862 |    2400 |    49.4 |   5400 |   5500 | 2026-11-25 18:04:00
--
-- left_s goes by the sources that are settled and the time that it took; null until one is, and while the set is paused.

create view reports.set_progress as
  select p.*,
         now() + make_interval(secs => p.left_s) as ends_at
  from (
    select s.id,
           s.owner,
           s.repository,
           case when s.paused_at is not null then 'paused' else 'going' end as state,
           c.sources,
           c.settled,
           c.sources - c.settled as open,
           round(100.0 * c.settled / nullif(c.sources, 0), 1)::float8 as percent,
           extract(epoch from now() - s.datetime_start)::int as took_s,
           case when s.paused_at is null then
             (extract(epoch from now() - s.datetime_start) / nullif(c.settled, 0) * (c.sources - c.settled))::int
           end as left_s
    from sets s
    cross join lateral (
      select count(*)::int as sources, count(x.status)::int as settled
      from set_sources x
      where x.set_id = s.id) as c
    where s.datetime_end is null) as p;
