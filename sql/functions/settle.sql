-- machine.settle: the result of a run. The first wins, for ever: false when the run has one already, or was abandoned.
-- Run, job or set, and outbox move together.

create function machine.settle(_run int, _result jsonb) returns boolean language plpgsql as $$
declare
  _settled runs;
begin
  if _result->>'ok' is null then
    raise exception 'result of run % does not say whether it is ok', _run;
  end if;

  update runs
  set status = (_result->>'ok')::boolean,
      problem = _result->'problem'->>'code',
      problem_detail = _result->'problem'->>'detail',
      state = nullif(_result->'state', 'null'),
      sample = nullif(_result->'sample', 'null'),
      result = nullif(_result->'result', 'null'),
      -- A worker that found the data unchanged did no work; only a real, good run can stand behind its result.
      copy_of = coalesce(copy_of,
        (select g.id from runs g where g.id = (_result->>'copy_of')::int and g.status and g.copy_of is null)),
      datetime_tz = queue.clock()
  where id = _run and status is null and abandoned_at is null
  returning * into _settled;
  if not found then
    return false;
  end if;
  delete from run_progress where run_id = _run;
  perform machine.put_verdict(_settled, _result->'verdict');

  -- "No key": who reserves a run only refers to its job or set, and must neither wait for us nor we for them.
  if _settled.job_id is not null then
    perform from jobs where id = _settled.job_id for no key update;
    update job_sources
    set run_id = _run, status = _settled.status
    where job_id = _settled.job_id and source_path = _settled.source_path and layer = _settled.layer
      and name = _settled.name and status is null;
    perform machine.judge_job(_settled.job_id);
  end if;

  if _settled.set_id is not null then
    perform from sets where id = _settled.set_id for no key update;
    update set_sources
    set run_id = _run, status = _settled.status
    where set_id = _settled.set_id and source_path = _settled.source_path and layer = _settled.layer
      and name = _settled.name and status is null;
    update sets
    set datetime_end = queue.clock()
    where id = _settled.set_id and datetime_end is null
      and not exists (select from set_sources s where s.set_id = sets.id and s.status is null);
  end if;
  return true;
end $$;

-- machine.settle_task: settle a run, and if that won its task is over: who still works on it hears so at the next beat,
-- and nobody takes it again. Lock order: the task before the run.
create function machine.settle_task(_task bigint, _run int, _result jsonb) returns boolean language plpgsql as $$
begin
  perform from queue.items where id = _task and q_name = 'tasks' for update;
  if not machine.settle(_run, _result) then
    return false;
  end if;
  delete from queue.items where id = _task and q_name = 'tasks';
  return true;
end $$;

-- machine.settle_done: an item of queue done, claimed in an EARLIER transaction, so that an error counts against the
-- item instead of taking the claim back and looping for ever. Gives settled, late or fenced.
create function machine.settle_done(_item bigint, _attempt int) returns text language plpgsql as $$
declare
  _done jsonb;
  _first boolean;
begin
  select data into _done from queue.items where id = _item and attempt = _attempt and lease_until is not null for update;
  if not found then
    return 'fenced';
  end if;

  perform machine.forget_due((_done->>'run_id')::int);
  _first := machine.settle_task((_done->>'task_id')::bigint, (_done->>'run_id')::int, _done->'result');
  perform queue.finish(_item, _attempt);
  return case when _first then 'settled' else 'late' end;
end $$;

-- machine.settle_due: patience with a run is over. Gives overdue, already or fenced.
create function machine.settle_due(_item bigint, _attempt int) returns text language plpgsql as $$
declare
  _due jsonb;
  _run runs;
  _first boolean;
begin
  select data into _due from queue.items where id = _item and attempt = _attempt and lease_until is not null for update;
  if not found then
    return 'fenced';
  end if;

  select * into _run from runs where id = (_due->>'run_id')::int;
  _first := machine.settle_task((_due->>'task_id')::bigint, _run.id, machine.failure('timed-out',
    'no result after ' || to_char(date_trunc('second', queue.clock() - _run.datetime_start), 'FMHH24" h "MI" min"')));
  if not _first then
    -- An attempt that was swept may still be taken back by its worker; from now on nobody would watch its time.
    update queue.items
    set worker_id = null
    where id = _run.task_id and attempt = _run.attempt and dequeued_at is null;
  end if;
  perform queue.finish(_item, _attempt);
  return case when _first then 'overdue' else 'already' end;
end $$;

-- machine.fail_settling: an item of done or due could not be dealt with. After the last time its run fails, and says why:
-- nothing stays open because of a poisoned item.
create function machine.fail_settling(_item bigint, _attempt int, _run int, _error text) returns text language plpgsql as $$
declare
  _outcome text := queue.fail(_item, _attempt, _error);
begin
  if _outcome = 'dead' then
    perform machine.settle_task((select task_id from runs where id = _run), _run,
      machine.failure('internal', 'the result could not be recognised: ' || _error));
  end if;
  return _outcome;
end $$;
