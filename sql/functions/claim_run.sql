-- machine.claim_run: a worker takes a task: claim, run row for this attempt, due item, heartbeat; one transaction.
--
--   task_id | attempt | run_id | data
--
-- The run's id is a token of the attempt: a zombie writes only below its own runs/<id>/. Where the same file gave
-- a good result not long ago, with the same code, that result is reused here and now, and the next task is taken:
-- a copy needs no worker, no due and no done. Failures are never reused.
--
-- _class: how big the worker is. Who was told to drain gets nothing.

create function machine.claim_run(
  _worker text, _version text, _lease interval default '5 minutes', _timeout interval default '12 hours',
  _max_lane int default 32767, _reuse interval default '10 days',
  _class int default 1
) returns table (task_id bigint, attempt int, run_id int, data jsonb) language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
  _task record;
  _copy_of int;
  _run int;
  _copies int[] := '{}';
  _rivals int;
begin
  if exists (select from workers where worker_id = _worker and drain_at is not null) then
    return;
  end if;
  perform machine.sweep_if_nobody_does(_lease);
  _rivals := machine.biggest_other(_worker);

  -- Bounded, so that a large push of known files does not become one long transaction.
  for _ in 1 .. 100 loop
    select * into _task from queue.claim('tasks', _worker, 1, _lease, _max_lane, _class, _rivals);
    exit when not found;

    begin
      _copy_of := machine.reusable_run(_task.data, _version, _now - _reuse);
      _run := machine.reserve_run(_task.id, _task.attempt, _task.data, _copy_of, _worker, _version);
    exception
      -- A task that nobody can take costs itself: taking the claim back as well would offer it again for ever.
      when integrity_constraint_violation or data_exception then
        if queue.fail(_task.id, _task.attempt, sqlerrm) = 'dead' then
          perform machine.mourn(_task.id, 'internal', 'the task could not be taken: ' || sqlerrm);
        end if;
        continue;
    end;

    if _copy_of is null then
      perform queue.put('due', jsonb_build_object('run_id', _run, 'task_id', _task.id), 5, _now + _timeout + interval '5 minutes',
        null, 'run/' || _run, 10, _task.data->>'job_id');
      perform machine.put_heartbeat(_worker, _run, _version);
      return query select _task.id, _task.attempt, _run, _task.data;
      exit;
    end if;

    _copies := _copies || _run;
    perform queue.finish(_task.id, _task.attempt);
  end loop;

  perform machine.settle_copies(_copies);
end $$;

-- machine.reserve_run: the run of this attempt.
create function machine.reserve_run(_task bigint, _attempt int, _data jsonb, _copy_of int, _worker text, _version text)
returns int language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _run int;
begin
  insert into runs (copy_of, source_path, source_id, source_data, layer, name, job_id, set_id, commit_sha, is_merged,
    task_id, attempt, worker_id, code_version, datetime_start, datetime_tz)
  select _copy_of, t->>'name', t->>'file_id', decode(t->>'content_b64', 'base64'), t->>'layer', t->>'layersource',
    t->>'job_id', (t->>'set_id')::int, t->>'commit_sha',
    case when t->>'set_id' is not null then s.is_merged else j.is_merged end,
    _task, _attempt, _worker, _version, _now, _now
  from (select _data) as taken (t)
  left join jobs j on j.id = t->>'job_id'
  left join sets s on s.id = (t->>'set_id')::int
  returning id into _run;
  perform machine.point_to_run(_run);
  return _run;
end $$;

-- machine.settle_copies: each with the result it reuses. After the claims and in one order, because this transaction
-- may hold several jobs and sets, and so may that of another worker: in order of claims they would lock each other out.
create function machine.settle_copies(_copies int[]) returns void language plpgsql as $$
declare
  _copy record;
begin
  for _copy in
    select r.id, jsonb_build_object('ok', true, 'state', g.state, 'sample', g.sample, 'result', g.result,
      'problem', case when g.problem is not null then
        jsonb_build_object('code', g.problem, 'detail', g.problem_detail) end,
      -- What was held and accepted is as good as any other now.
      'verdict', case when v.run_id is not null then
        jsonb_build_object('verdict', 'accept', 'against', v.against, 'fields', v.fields) end) as result
    from runs r
    join runs g on g.id = r.copy_of
    left join verdicts v on v.run_id = g.id
    where r.id = any (_copies)
    order by r.job_id, r.set_id, r.id
  loop
    perform machine.settle(_copy.id, _copy.result);
  end loop;
end $$;

-- machine.reusable_run: the newest good, real run of the same bytes, place, code and options since a time; null when there is none.
create function machine.reusable_run(_task jsonb, _version text, _since timestamptz) returns int language plpgsql as $$
declare
  _good int;
begin
  if coalesce((_task->>'rerun')::boolean, false) then
    return null;
  end if;
  select id into _good
  from runs r
  where r.source_id = _task->>'file_id' and r.source_path = _task->>'name'
    and r.layer = _task->>'layer' and r.name = _task->>'layersource'
    and r.status and r.copy_of is null
    and r.code_version = _version and r.datetime_tz > _since
    -- A result that was made without a picture is no answer to who wants one.
    and (not coalesce((_task->>'render_preview')::boolean, false) or r.state->>'preview' is not null or r.problem = 'skipped')
  order by r.id desc
  limit 1;
  return _good;
end $$;

-- machine.point_to_run: the newest attempt is the one that the job, or the set, shows.
create function machine.point_to_run(_run int) returns void language plpgsql as $$
begin
  update job_sources s
  set run_id = r.id
  from runs r
  where r.id = _run and s.job_id = r.job_id and s.source_path = r.source_path and s.layer = r.layer and s.name = r.name
    and s.status is null;
  update set_sources s
  set run_id = r.id
  from runs r
  where r.id = _run and s.set_id = r.set_id and s.source_path = r.source_path and s.layer = r.layer and s.name = r.name
    and s.status is null;
end $$;
