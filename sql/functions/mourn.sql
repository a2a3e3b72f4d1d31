-- machine.mourn: a task is dead, and no run of it is open: its data source gets a run that failed and says why; it is put
-- into queue done, as every failure of ours. Where its data source cannot be told, its job ends, and says why.

create function machine.mourn(_task bigint, _problem text, _detail text) returns void language plpgsql as $$
declare
  _dead queue.dead;
  _run int;
begin
  select * into _dead from queue.dead where id = _task;
  if not found then
    return;
  end if;
  _run := machine.stand_in(_dead.id, _dead.attempt + 1, _dead.data, _dead.dedupe_key, _dead.group_key);
  if _run is not null then
    perform machine.put_done(_run, _task, machine.failure(_problem, _detail));
  elsif _dead.group_key like 'job/%' then
    perform machine.end_lost_job(substr(_dead.group_key, 5), _problem, _detail);
  end if;
end $$;

-- machine.stand_in: a run for a task that has none that is open, so that its data source can end; null when that source
-- cannot be told, or has ended. It is told by the key of the task: the data may be anything.
create function machine.stand_in(_task bigint, _attempt int, _data jsonb, _key text, _group text) returns int language plpgsql as $$
declare
  _file bytea := machine.bytes_of(_data->>'content_b64');
  _run int;
begin
  if _group like 'job/%' then
    insert into runs (source_path, source_id, source_data, layer, name, job_id, commit_sha, is_merged, task_id, attempt,
      datetime_start, datetime_tz)
    select s.source_path, s.source_id, _file, s.layer, s.name, j.id, j.commit_sha, j.is_merged, _task, _attempt,
      queue.clock(), queue.clock()
    from job_sources s
    join jobs j on j.id = s.job_id
    where s.job_id = substr(_group, 5) and s.status is null
      and concat_ws('/', s.job_id, s.source_path, s.layer, s.name) = _key
    returning id into _run;
  elsif _group like 'set/%' then
    insert into runs (source_path, source_id, source_data, layer, name, set_id, commit_sha, is_merged, task_id, attempt,
      datetime_start, datetime_tz)
    select s.source_path, s.source_id, _file, s.layer, s.name, t.id, t.commit_sha, true, _task, _attempt,
      queue.clock(), queue.clock()
    from set_sources s
    join sets t on t.id = s.set_id
    where format('set/%s', s.set_id) = _group and s.status is null and format('set/%s/%s', s.set_id, s.position) = _key
    returning id into _run;
  end if;
  if _run is not null then
    perform machine.point_to_run(_run);
  end if;
  return _run;
end $$;

-- machine.bytes_of: what base64 says; null where it says nothing that can be read.
create function machine.bytes_of(_base64 text) returns bytea language plpgsql immutable as $$
begin
  return decode(_base64, 'base64');
exception
  when data_exception then
    return null;
end $$;

-- machine.end_lost_job: a job of which a task was lost that belongs to none of its data sources ends when none is open.
create function machine.end_lost_job(_job text, _problem text, _detail text) returns void language plpgsql as $$
begin
  perform from jobs where id = _job for no key update;
  if not exists (select from job_sources where job_id = _job and status is null) then
    perform machine.end_job(_job, _problem, _detail);
  end if;
end $$;
