-- machine.claim_run: a worker takes a task: claim, run row for this attempt, due item, heartbeat; one transaction.
--
--   task_id | attempt | run_id | data
--
-- The run's id is a token of the attempt: a zombie writes only below its own runs/<id>/. Where the same file gave
-- a good result not long ago, with the same code, that result is reused here and now, and the next task is taken:
-- a copy needs no worker, no due and no done. Failures are never reused.

create function machine.claim_run(
  _worker text, _version text, _lease interval default '5 minutes', _timeout interval default '12 hours',
  _max_lane int default 32767, _reuse interval default '10 days'
) returns table (task_id bigint, attempt int, run_id int, data jsonb) language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
  _task record;
  _good runs;
  _run int;
begin
  perform machine.sweep_if_nobody_does(_lease);

  -- Bounded, so that a large push of known files does not become one long transaction.
  for _ in 1 .. 100 loop
    select * into _task from queue.claim('tasks', _worker, 1, _lease, _max_lane);
    exit when not found;

    _good := machine.reusable_run(_task.data, _version, _now - _reuse);
    insert into runs (copy_of, source_path, source_id, source_data, layer, name, job_id, set_id, commit_sha, is_merged,
      task_id, attempt, worker_id, code_version, datetime_start, datetime_tz)
    select _good.id, t->>'name', t->>'file_id', decode(t->>'content_b64', 'base64'), t->>'layer', t->>'layersource',
      t->>'job_id', (t->>'set_id')::int, t->>'commit_sha',
      case when t->>'set_id' is not null then true else j.is_merged end,
      _task.id, _task.attempt, _worker, _version, _now, _now
    from (select _task.data) as taken (t)
    left join jobs j on j.id = t->>'job_id'
    returning id into _run;
    perform machine.point_to_run(_run);

    if _good.id is null then
      perform queue.put('due', jsonb_build_object('run_id', _run, 'task_id', _task.id), 5, _now + _timeout + interval '5 minutes',
        null, 'run/' || _run, 10, _task.data->>'job_id');
      perform machine.put_heartbeat(_worker, _run, _version);
      return query select _task.id, _task.attempt, _run, _task.data;
      return;
    end if;

    perform machine.settle(_run, jsonb_build_object(
      'ok', true, 'problem', null, 'state', _good.state, 'sample', _good.sample, 'result', _good.result));
    perform queue.finish(_task.id, _task.attempt);
  end loop;
end $$;

-- machine.reusable_run: the newest good, real run of the same bytes, place and code since a time; nulls when there is none.
create function machine.reusable_run(_task jsonb, _version text, _since timestamptz) returns runs language plpgsql as $$
declare
  _good runs;
begin
  if coalesce((_task->>'rerun')::boolean, false) then
    return null;
  end if;
  select * into _good
  from runs r
  where r.source_id = _task->>'file_id' and r.source_path = _task->>'name'
    and r.layer = _task->>'layer' and r.name = _task->>'layersource'
    and r.status and r.copy_of is null
    and r.code_version = _version and r.datetime_tz > _since
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
