-- queue_depth: how much waits, how much is late, and for how long. Read by operators, and by /metrics.
--
--   q_name | lane | waiting | delayed | in_flight | lease_expired | retried | oldest_waiting_s | longest_running_s
--   -------+------+---------+---------+-----------+---------------+---------+------------------+------------------
--   tasks  |    1 |       3 |       0 |         2 |             0 |       0 |               12 |               640

create view reports.queue_depth as
  select q_name,
         lane,
         count(*) filter (where dequeued_at is null and (schedule_at is null or schedule_at <= now()))::int as waiting,
         count(*) filter (where dequeued_at is null and schedule_at > now())::int as delayed,
         count(*) filter (where dequeued_at is not null)::int as in_flight,
         count(*) filter (where lease_until < now())::int as lease_expired,
         count(*) filter (where failures > 0)::int as retried,
         coalesce(extract(epoch from max(now() - coalesce(schedule_at, enqueued_at))
           filter (where dequeued_at is null and (schedule_at is null or schedule_at <= now()))), 0)::int as oldest_waiting_s,
         coalesce(extract(epoch from max(now() - dequeued_at) filter (where dequeued_at is not null)), 0)::int as longest_running_s
  from queue.items
  group by q_name, lane;
