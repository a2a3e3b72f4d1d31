-- queue.count_ready: how many items of a queue may be taken now, counted no further than _most.
--
-- Ordered, although a count needs no order: with a bare limit the planner hopes to meet a row soon and reads the table.

create function queue.count_ready(_q text, _most int) returns int language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _count int;
begin
  select count(*) into _count
  from (
    (select from queue.items
     where q_name = _q and dequeued_at is null and schedule_at is null
     order by enqueued_at
     limit _most)
    union all
    (select from queue.items
     where q_name = _q and dequeued_at is null and schedule_at <= _now
     order by schedule_at
     limit _most)) as ready;
  return least(_count, _most);
end $$;
