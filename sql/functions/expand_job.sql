-- machine.expand_job: the data sources of a job are known: tasks, rows of the job, and the event is finished;
-- both or neither. False when the lease on the event was lost.
--
-- _sources: [{source_path, source_id, layer, name, task}] in order, or with {problem, detail} instead of a task
-- where the file itself is at fault: that is a verdict at once, as a run without a task.
-- Task i is expected i seconds later, so that a large push lets a small one in after its first.

create function machine.expand_job(_item bigint, _attempt int, _job text, _sources jsonb, _is_merged boolean)
returns boolean language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _source record;
  _run int;
begin
  if not queue.finish(_item, _attempt) then
    return false;
  end if;

  perform from jobs where id = _job for no key update;
  update jobs set expanded_at = _now, is_merged = _is_merged where id = _job;

  insert into job_sources (job_id, position, source_path, source_id, layer, name)
  select _job, n - 1, s->>'source_path', s->>'source_id', s->>'layer', s->>'name'
  from jsonb_array_elements(_sources) with ordinality as listed (s, n);

  insert into queue.items (q_name, lane, data, enqueued_at, expected_at, dedupe_key, group_key)
  select 'tasks', 1, s->'task' || jsonb_build_object('job_id', _job), _now, _now + (n - 1) * interval '1 second',
    concat_ws('/', _job, s->>'source_path', s->>'layer', s->>'name'), 'job/' || _job
  from jsonb_array_elements(_sources) with ordinality as listed (s, n)
  where s ? 'task';

  for _source in
    select n - 1 as position, s
    from jsonb_array_elements(_sources) with ordinality as listed (s, n)
    where not s ? 'task'
  loop
    insert into runs (source_path, source_id, layer, name, job_id, commit_sha, is_merged, datetime_start, datetime_tz,
      status, problem, problem_detail)
    select _source.s->>'source_path', _source.s->>'source_id', _source.s->>'layer', _source.s->>'name', _job,
      j.commit_sha, _is_merged, _now, _now, false, _source.s->>'problem', _source.s->>'detail'
    from jobs j
    where j.id = _job
    returning id into _run;
    update job_sources set run_id = _run, status = false where job_id = _job and position = _source.position;
  end loop;

  perform machine.judge_job(_job);
  return true;
end $$;
