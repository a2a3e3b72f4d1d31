-- queue_metrics: the five numbers of the original, under its names. Read by worker/dequeue.ts, which sends them to CloudWatch.
--
--   tasks queue | done queue | due queue | expected results | active workers
--   ------------+------------+-----------+------------------+---------------
--             3 |          0 |         0 |                5 |              2

create view reports.queue_metrics as
  with ready as (
    select q_name, count(*)::int as waiting
    from queue.items
    where dequeued_at is null and (schedule_at is null or schedule_at <= now())
    group by q_name
  ), active as (
    select count(*)::int as workers from heartbeats where datetime > now() - interval '15 minutes'
  )
  select coalesce((select waiting from ready where q_name = 'tasks'), 0) as "tasks queue",
         coalesce((select waiting from ready where q_name = 'done'), 0) as "done queue",
         coalesce((select waiting from ready where q_name = 'due'), 0) as "due queue",
         coalesce((select waiting from ready where q_name = 'tasks'), 0) + active.workers as "expected results",
         active.workers as "active workers"
  from active;
