-- present: every loop that is there or was not long ago, with what it does and since when. Read by machine status and /status.
--
--   worker_id    | loop | class | state    | silent_s | run_id | source_path       | layer     | name | busy_s
--   -------------+------+-------+----------+----------+--------+-------------------+-----------+------+-------
--   host/4021/9f | work |     1 | working  |       12 |    118 | sources/de/x.json | addresses | city |    640
--
-- state: working, idle, draining, or silent: not heard of for 90 s, which is three times the pause between two words.

create view reports.present as
  select w.worker_id,
         w.loop,
         w.class,
         w.version,
         case
           when w.seen_at < now() - interval '90 seconds' then 'silent'
           when w.drain_at is not null then 'draining'
           when r.id is not null then 'working'
           else 'idle'
         end as state,
         extract(epoch from now() - w.seen_at)::int as silent_s,
         extract(epoch from now() - w.started_at)::int as up_s,
         r.id as run_id,
         r.source_path,
         r.layer,
         r.name,
         extract(epoch from now() - r.datetime_start)::int as busy_s,
         p.progress
  from workers w
  left join lateral (
    select x.id, x.source_path, x.layer, x.name, x.datetime_start
    from runs x
    where x.worker_id = w.worker_id and x.status is null and x.abandoned_at is null
    order by x.id desc
    limit 1) as r on w.loop = 'work'
  left join run_progress p on p.run_id = r.id
  where w.ended_at is null and w.seen_at > now() - interval '1 day';
