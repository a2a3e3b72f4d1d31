-- machine.expand_job: the data sources of a job are known: tasks, rows of the job, and the event is finished;
-- both or neither. False when the lease on the event was lost.
--
-- _sources: [{source_path, source_id, layer, name, task}] in order; or with {problem, detail} instead of a task where the
-- file itself is at fault, which is a verdict at once, as a run without a task; or with {follows}, the job whose run
-- of the same bytes counts here too. Task i is expected i seconds later, so that a large push lets a small one in
-- after its first.
-- _found: {merge_base, notes, files: [{path, change, previous_path, source_id, data_sources, note}], findings: [{path,
-- layer, name, level, code, pointer, line, col, message}]}; of a push to the default branch {merges: true} and what
-- machine.merge_job wants.

create function machine.expand_job(
  _item bigint, _attempt int, _job text, _sources jsonb, _is_merged boolean, _found jsonb default '{}'
) returns boolean language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _source record;
  _run int;
begin
  if not queue.finish(_item, _attempt) then
    return false;
  end if;

  -- Cancelled, or expanded by another event, meanwhile: then there is nothing left to do.
  perform from jobs where id = _job and datetime_end is null and expanded_at is null for no key update;
  if not found then
    return true;
  end if;
  update jobs
  set expanded_at = _now, is_merged = _is_merged, merge_base = _found->>'merge_base', waits_for = null, waits_why = null,
      notes = array(select jsonb_array_elements_text(_found->'notes'))
  where id = _job;

  insert into job_sources (job_id, position, source_path, source_id, layer, name, follows, renamed_from)
  select _job, n - 1, s->>'source_path', s->>'source_id', s->>'layer', s->>'name', s->>'follows', s->>'renamed_from'
  from jsonb_array_elements(_sources) with ordinality as listed (s, n);

  insert into queue.items (q_name, lane, max_failures, data, enqueued_at, expected_at, dedupe_key, group_key)
  select 'tasks', 1, 2, s->'task' || jsonb_build_object('job_id', _job), _now, _now + (n - 1) * interval '1 second',
    machine.task_key(_job, s->>'source_path', s->>'layer', s->>'name'), 'job/' || _job
  from jsonb_array_elements(_sources) with ordinality as listed (s, n)
  where s ? 'task';

  for _source in
    select n - 1 as position, s
    from jsonb_array_elements(_sources) with ordinality as listed (s, n)
    where not s ? 'task' and not s ? 'follows'
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

  perform machine.keep_found(_job, _found);
  if (_found->>'merges')::boolean then
    perform machine.merge_job(_job, _found);
  end if;
  perform machine.follow(_job);
  perform machine.judge_job(_job);
  return true;
end $$;

-- machine.task_key: at most one task of a data source of a job is in the queue, and it is found by this.
create function machine.task_key(_job text, _path text, _layer text, _name text) returns text language sql immutable as $$
  select concat_ws('/', _job, _path, _layer, _name)
$$;

-- machine.keep_found: the files and findings of a job.
create function machine.keep_found(_job text, _found jsonb) returns void language plpgsql as $$
begin
  insert into job_files (job_id, position, path, change, previous_path, source_id, data_sources, note)
  select _job, n - 1, f->>'path', f->>'change', f->>'previous_path', f->>'source_id', (f->>'data_sources')::int, f->>'note'
  from jsonb_array_elements(coalesce(_found->'files', '[]')) with ordinality as listed (f, n);

  insert into job_findings (job_id, position, path, layer, name, level, code, pointer, line, col, message)
  select _job, n - 1, f->>'path', f->>'layer', f->>'name', f->>'level', f->>'code', f->>'pointer', (f->>'line')::int,
    (f->>'col')::int, f->>'message'
  from jsonb_array_elements(coalesce(_found->'findings', '[]')) with ordinality as listed (f, n);
end $$;
