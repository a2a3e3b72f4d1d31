-- Things that people stop. Each writes down who, what and why, in the transaction that does it.

-- machine.cancel_run: a run, and the task that it is an attempt at, ends now; who works on it hears so at the next beat.
-- False when it had ended before, or was handed in. Lock order: task → run → job or set.
create function machine.cancel_run(_run int, _who text, _why text) returns boolean language plpgsql as $$
declare
  _task bigint := (select task_id from runs where id = _run);
  _item queue.items;
  _open int;
begin
  select * into _item from queue.items where id = _task and q_name = 'tasks' for update;
  if not found then
    return false;
  end if;
  select id into _open
  from runs
  where task_id = _task and attempt = _item.attempt and status is null and abandoned_at is null;
  if not found then
    _open := machine.stand_in(_task, _item.attempt + 1, _item.data, _item.dedupe_key, _item.group_key);
  end if;
  if _open is null or not machine.settle(_open, machine.failure('cancelled', format('by %s: %s', _who, _why))) then
    return false;
  end if;
  delete from queue.items where id = _task;
  perform machine.forget_due(_open);
  perform machine.audit(_who, 'cancel', 'run ' || _run, _why);
  return true;
end $$;

-- machine.cancel_one_job: everything of a job that is open ends now. False when it had ended before.
create function machine.cancel_one_job(_job text, _who text, _why text) returns boolean language plpgsql as $$
begin
  delete from queue.items where q_name = 'events' and group_key = 'job/' || _job;
  if not exists (select from machine.cancel_jobs(array[_job], 'cancelled', format('by %s: %s', _who, _why))) then
    return false;
  end if;
  perform machine.audit(_who, 'cancel', 'job ' || _job, _why);
  return true;
end $$;

-- machine.drain: workers take nothing more, finish what they have, and end. Gives their names.
-- _about: a worker, a host, or * for all that are there.
create function machine.drain(_about text, _who text, _why text) returns setof text language plpgsql as $$
declare
  _worker text;
begin
  for _worker in
    update workers w
    set drain_at = queue.clock()
    where w."loop" = 'work' and ended_at is null and drain_at is null and seen_at > queue.clock() - interval '15 minutes'
      and (_about = '*' or worker_id = _about or split_part(worker_id, '/', 1) = _about)
    returning worker_id
  loop
    perform machine.audit(_who, 'drain', 'worker ' || _worker, _why);
    return next _worker;
  end loop;
end $$;
