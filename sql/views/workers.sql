-- workers: who was heard of, when, and what they have. Read by operators; active is the original's 15 minutes.
--
--   worker_id    | active | silent_s | run_id | source_path       | layer     | name | version
--   -------------+--------+----------+--------+-------------------+-----------+------+--------
--   host/4021/9f | t      |       12 |    118 | sources/de/x.json | addresses | city | 0.1.0

create view reports.workers as
  select h.worker_id,
         h.datetime > now() - interval '15 minutes' as active,
         extract(epoch from now() - h.datetime)::int as silent_s,
         h.datetime,
         r.id as run_id,
         r.source_path,
         r.layer,
         r.name,
         h.version
  from heartbeats h
  left join runs r on r.id = h.run_id and r.status is null and r.abandoned_at is null;
