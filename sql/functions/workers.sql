-- machine.present: a loop is there, busy or not. True when it was told to drain: to take nothing more, and to end.

create function machine.present(_worker text, _loop text, _class int, _version text) returns boolean language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _drained boolean;
begin
  insert into workers as w (worker_id, loop, class, version, started_at, seen_at)
  values (_worker, _loop, _class, _version, _now, _now)
  on conflict (worker_id) do update set seen_at = greatest(w.seen_at, excluded.seen_at), ended_at = null
  returning drain_at is not null into _drained;
  return _drained;
end $$;

-- machine.leave: a loop ends politely.
create function machine.leave(_worker text) returns void language plpgsql as $$
begin
  update workers set ended_at = queue.clock() where worker_id = _worker;
end $$;

-- machine.biggest_other: the biggest class of the workers that are there beside this one; 0 where it is alone.
create function machine.biggest_other(_worker text) returns int language plpgsql as $$
begin
  return coalesce((
    select max(class)
    from workers
    where loop = 'work' and worker_id <> _worker and ended_at is null and drain_at is null
      and seen_at > queue.clock() - interval '90 seconds'), 0);
end $$;

-- machine.bigger_class: the next class above who has the task now; null where no such worker is known. Those that are
-- not there just now count too: a fleet starts them when something waits for them.
create function machine.bigger_class(_task bigint, _attempt int) returns int language plpgsql as $$
begin
  return (
    select min(w.class)
    from queue.items i
    left join workers me on me.worker_id = i.worker_id
    join workers w on w.loop = 'work' and w.class > greatest(i.class, me.class)
      and w.seen_at > queue.clock() - interval '30 days'
    where i.id = _task and i.attempt = _attempt and i.lease_until is not null);
end $$;

-- machine.end_oversized: tasks for bigger workers than have come within an hour: nothing waits for ever. Their runs fail
-- for the reason that made them so big.
create function machine.end_oversized(_patience interval default '1 hour') returns int language plpgsql as $$
declare
  _since timestamptz := queue.clock() - _patience;
  _item queue.items;
  _count int := 0;
begin
  for _item in
    select *
    from queue.items i
    where i.q_name = 'tasks' and i.dequeued_at is null and i.class > 1 and coalesce(i.schedule_at, i.enqueued_at) < _since
      and not exists (select from workers w where w.loop = 'work' and w.class >= i.class and w.seen_at > _since)
    order by i.id
    limit 100
    for update skip locked
  loop
    perform queue.bury(_item, _item.last_error);
    perform machine.mourn(_item.id, split_part(_item.last_error, ': ', 1), format('%s; no worker of class %s came within an hour',
      substr(_item.last_error, strpos(_item.last_error, ': ') + 2), _item.class));
    _count := _count + 1;
  end loop;
  return _count;
end $$;
