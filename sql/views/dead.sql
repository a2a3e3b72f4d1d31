-- dead: what failed as often as it may. Read by operators; an empty report is a good one.
--
--   id | q_name | attempt | died_at             | last_error
--   ---+--------+---------+---------------------+----------------------
--   77 | tasks  |       3 | 2026-11-25 10:12:01 | lease expired

create view reports.dead as
  select id, q_name, lane, attempt, enqueued_at, died_at, last_error, worker_id,
         coalesce(data->>'name', data->>'run_id', data->>'delivery_id') as about
  from queue.dead;
