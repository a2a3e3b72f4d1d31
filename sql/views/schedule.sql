-- schedule: what is started when, and what came of it last. Read by operators, by /schedule and by /metrics.
--
--   name    | cron         | zone | state   | outcome | overdue_s | running_s | next_start       | failures
--   --------+--------------+------+---------+---------+-----------+-----------+------------------+---------
--   collect | 0 15 * * 0,3 | UTC  | running | done    |         0 |      5400 | 2026-11-29 15:00 |        0
--
-- overdue_s counts from next_start while nobody starts it; is_overrun says that it runs longer than it may, or that its
-- next time has come while it still runs.

create view reports.schedule as
  select name,
         cron,
         zone,
         array_to_string(array(select jsonb_array_elements_text(command)), ' ') as command,
         case when runner is not null then 'running' when next_start is null then 'idle' else 'waiting' end as state,
         next_start,
         last_start,
         last_end,
         outcome,
         detail,
         starts,
         failures,
         hours_max,
         runner,
         case when runner is null then greatest(0, coalesce(extract(epoch from now() - next_start), 0)) else 0 end::int as overdue_s,
         case when runner is not null then extract(epoch from now() - last_start) else 0 end::int as running_s,
         extract(epoch from last_end - last_start)::float8 as took_s,
         runner is not null
           and (coalesce(now() > last_start + make_interval(secs => hours_max * 3600), false) or coalesce(next_start <= now(), false))
           as is_overrun
  from schedule;
