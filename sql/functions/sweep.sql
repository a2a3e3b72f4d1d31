-- machine.sweep: leases that ran out, and what follows from each. Gives how many.
--
-- A lost task goes back for another worker and its run does not count; at its last failure it becomes a failed run that
-- says so. A lost event that is dead ends its job. Lost done and due items just go back, and at their last failure they
-- become a failed run too. Failed runs are put into queue done, not settled here: one that could not be settled would
-- take the whole sweep with it, each time.
--
-- Where nobody has looked for a good while (half a _grace, a minute at least), Postgres was away, or the network, or it is
-- a stand-by that took over: then all leases look lost although the workers live. One _grace goes by before the next is
-- taken, so that they can beat first, and what became due meanwhile waits as long.

create function machine.sweep(_grace interval default '5 minutes') returns int language plpgsql as $$
declare
  _lost record;
  _run int;
  _count int := 0;
begin
  if machine.was_away(_grace) then
    return 0;
  end if;
  for _lost in select * from queue.sweep(100, _grace) loop
    _count := _count + 1;
    if _lost.q_name = 'tasks' then
      select id into _run from runs where task_id = _lost.id and attempt = _lost.attempt and status is null;
      if not found then
        if _lost.dead then
          perform machine.mourn(_lost.id, 'worker-lost', 'who took the task made no run of it: lease expired');
        end if;
        continue;
      end if;
      if _lost.dead then
        perform machine.put_done(_run, _lost.id, machine.failure('worker-lost',
          format('attempt %s was the last; no worker came to an end with it', _lost.attempt)));
      else
        -- Its due item stays: should the worker come back in time, this attempt counts again.
        perform machine.abandon(_run, 'worker-lost: its lease ran out');
      end if;
    elsif _lost.dead and _lost.q_name = 'events' then
      perform machine.end_job(_lost.data->>'job_id', 'internal', 'the event could not be looked into: lease expired');
    elsif _lost.dead and _lost.q_name in ('done', 'due') then
      select id into _run from runs where id = machine.run_of(_lost.data);
      if found then
        perform machine.put_done(_run, (select task_id from runs where id = _run),
          machine.failure('internal', 'the result could not be recognised: lease expired'));
      end if;
    end if;
  end loop;
  perform machine.end_oversized();
  delete from workers where seen_at < queue.clock() - interval '30 days';
  return _count;
end $$;

-- machine.was_away: whether lost leases are not to be believed yet. Notes that somebody looks.
create function machine.was_away(_grace interval) returns boolean language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _seen queue.sweeps;
begin
  select * into _seen from queue.sweeps for update;
  if _grace > '0' and _seen.at > '-infinity' and _seen.at < _now - greatest(_grace / 2, interval '1 minute') then
    update queue.sweeps set at = _now, back_at = _now;
    update queue.items
    set schedule_at = _now + _grace
    where q_name = 'due' and dequeued_at is null and schedule_at < _now + _grace;
    return true;
  end if;
  update queue.sweeps set at = _now;
  return coalesce(_seen.back_at > _now - _grace and _seen.back_at <= _now, false);
end $$;

-- machine.run_of: the number of the run that an item names, or null. Whoever may put an item may put nonsense, which must
-- cost itself and nothing else.
create function machine.run_of(_data jsonb) returns int language plpgsql immutable as $$
begin
  return case
    when jsonb_typeof(_data->'run_id') = 'number' and (_data->>'run_id')::numeric between 1 and 2147483647
    then (_data->>'run_id')::numeric::int
  end;
end $$;

-- machine.sweep_if_nobody_does: workers look for lost leases themselves when no dequeuer has for a while, so that
-- recovery does not depend on one process. Never waits: who is locked out knows that another is at it.
create function machine.sweep_if_nobody_does(_grace interval) returns void language plpgsql as $$
begin
  perform from queue.sweeps where at < queue.clock() - interval '30 seconds' for update skip locked;
  if found then
    perform machine.sweep(_grace);
  end if;
end $$;
