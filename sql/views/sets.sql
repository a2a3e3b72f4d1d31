-- sets: every set and how far it is. Read by /sets/, by machine set, and by analysts.
--
--   id | repository    | state  | sources | good | failed | reused | running | queued | parked | took_s
--   ---+---------------+--------+---------+------+--------+--------+---------+--------+--------+-------
--   41 | openaddresses | going  |    4862 | 1200 |     80 |    700 |       4 |      1 |   3577 |   5400
--
-- Of the good, some were reused and some say to skip. What a cancelled set never ran stays in parked. The expected seconds
-- are those of the last real run of each data source, where it had one.

create view reports.sets as
  select s.id,
         s.owner,
         s.repository,
         s.ref,
         s.commit_sha,
         s.is_merged,
         case
           when s.cancelled_at is not null then 'cancelled'
           when s.datetime_end is not null then 'ended'
           when s.paused_at is not null then 'paused'
           else 'going'
         end as state,
         s.datetime_start,
         s.datetime_end,
         s.paused_at,
         s.cancelled_at,
         s.render_world,
         s.render_europe,
         s.render_usa,
         s.render_geojson,
         extract(epoch from coalesce(s.datetime_end, now()) - s.datetime_start)::int as took_s,
         c.*
  from sets s
  cross join lateral (
    select count(*)::int as sources,
           count(*) filter (where x.status)::int as good,
           count(*) filter (where not x.status)::int as failed,
           count(*) filter (where x.status and r.copy_of is not null)::int as reused,
           count(*) filter (where x.status and r.problem = 'skipped')::int as skipped,
           count(*) filter (where x.status is null and r.status is null and r.id is not null and r.abandoned_at is null)::int as running,
           count(*) filter (where x.status is null and x.released_at is not null and (r.id is null or r.abandoned_at is not null))::int
             as queued,
           count(*) filter (where x.status is null and x.released_at is null)::int as parked,
           coalesce(sum(x.expected_seconds) filter (where x.status is not null and r.copy_of is null), 0)::float8 as expected_done,
           coalesce(sum(x.expected_seconds) filter (where x.status is null), 0)::float8 as expected_open
    from set_sources x
    left join runs r on r.id = x.run_id
    where x.set_id = s.id) as c;
