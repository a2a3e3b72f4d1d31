-- machine.hand_in: the work is done: the task is finished and its result put into queue done; both or neither.
-- False when the lease was lost: then nothing is written.

create function machine.hand_in(_task bigint, _attempt int, _run int, _result jsonb) returns boolean language plpgsql as $$
begin
  if not queue.finish(_task, _attempt) then
    return false;
  end if;
  perform machine.put_done(_run, _task, _result);
  return true;
end $$;

-- machine.put_done: a result for the dequeuer to recognise; one a run.
create function machine.put_done(_run int, _task bigint, _result jsonb) returns void language plpgsql as $$
begin
  perform queue.put('done', jsonb_build_object('run_id', _run, 'task_id', _task, 'result', _result), 5, null, null,
    'run/' || _run, 10);
end $$;

-- machine.give_back: a worker is told to go: its task is ready at once for another, and its run does not count.
create function machine.give_back(_task bigint, _attempt int, _run int, _why text) returns boolean language plpgsql as $$
begin
  if not queue.release(_task, _attempt) then
    return false;
  end if;
  perform machine.forget_due(_run);
  perform machine.abandon(_run, _why);
  return true;
end $$;

-- machine.fail_run: this house failed at a run (not the source): another attempt later, or, after the last, a failed run.
-- _details is what the attempt left (its log, say), and _state its state, or null. _rule is the retry rule of the problem: what ran out of room
-- goes at once to a worker of a bigger class, where one is known, and has two tries there.
create function machine.fail_run(
  _task bigint, _attempt int, _run int, _problem text, _detail text, _retry_in interval default null,
  _details jsonb default null, _rule text default 'another-worker', _state jsonb default null
) returns text language plpgsql as $$
declare
  _said text := _problem || ': ' || _detail;
  _bigger int;
  _outcome text;
begin
  if _rule = 'bigger-worker' then
    _bigger := machine.bigger_class(_task, _attempt);
  end if;
  update queue.items
  set class = coalesce(_bigger, class),
      max_failures = case when _bigger is not null then failures + 3 when _rule = 'never' then 1 else max_failures end
  where id = _task and attempt = _attempt and lease_until is not null and (_bigger is not null or _rule = 'never');

  _outcome := queue.fail(_task, _attempt, _said, case when _bigger is null then _retry_in else '0' end);
  if _outcome = 'retry' then
    perform machine.forget_due(_run);
    perform machine.abandon(_run, _said);
    update runs set result = _details where id = _run and status is null;
  elsif _outcome = 'dead' then
    perform machine.put_done(_run, _task, machine.failure(_problem, _detail) || jsonb_build_object('result', _details, 'state', _state));
  end if;
  return _outcome;
end $$;

-- machine.grant_time: a run may take so long, because its source says so: its due item waits for it. False when the lease
-- was lost.
create function machine.grant_time(_task bigint, _attempt int, _run int, _timeout interval) returns boolean language plpgsql as $$
begin
  perform from queue.items where id = _task and attempt = _attempt and lease_until is not null for update;
  if not found then
    return false;
  end if;
  update queue.items i
  set schedule_at = r.datetime_start + _timeout + interval '5 minutes'
  from runs r
  where r.id = _run and i.q_name = 'due' and i.dedupe_key = 'run/' || _run and i.dequeued_at is null;
  return true;
end $$;

-- machine.forget_due: nobody needs to watch the time of this run any more. Who deals with the item just now may go on.
create function machine.forget_due(_run int) returns void language plpgsql as $$
begin
  delete from queue.items
  where id = any (array(
    select id from queue.items
    where q_name = 'due' and dedupe_key = 'run/' || _run and dequeued_at is null
    for update skip locked));
end $$;

-- machine.abandon: an attempt is over without a result.
create function machine.abandon(_run int, _why text) returns void language plpgsql as $$
begin
  update runs set abandoned_at = queue.clock(), abandoned_why = _why where id = _run and status is null and abandoned_at is null;
  delete from run_progress where run_id = _run;
end $$;

-- machine.failure: the result of a run that ended without one.
create function machine.failure(_problem text, _detail text) returns jsonb language sql immutable as $$
  select jsonb_build_object('ok', false, 'problem', jsonb_build_object('code', _problem, 'detail', _detail),
    'state', null, 'sample', null, 'result', null)
$$;
