-- Jobs that are stopped before their end: superseded by a newer head, or cancelled by a person.
--
-- Lock order: events and task items of all of them → runs → jobs → outbox. Workers hear of it at their next beat, which
-- finds no task any more.

-- machine.cancel_jobs: they end at once, each with a problem and a sentence. Gives those that had not ended before.
create function machine.cancel_jobs(_ids text[], _problem text, _detail text, _by text default null)
returns setof text language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _job text;
  _tasks bigint[];
begin
  _tasks := array(
    select i.id
    from queue.items i
    where i.q_name = 'tasks' and i.dedupe_key = any (array(
      select machine.task_key(s.job_id, s.source_path, s.layer, s.name)
      from job_sources s
      where s.job_id = any (_ids) and s.status is null and s.follows is null))
    order by i.id
    for update);

  for _job in select id from jobs where id = any (_ids) order by id loop
    -- The job last, as everywhere; its runs cannot become more meanwhile, because its tasks are ours.
    perform from runs r where r.job_id = _job and r.status is null and r.abandoned_at is null order by r.id for update;
    perform from jobs where id = _job and datetime_end is null for no key update;
    if not found then
      continue;
    end if;
    perform machine.stop_runs(_job, _problem, _detail);
    update jobs
    set status = false, datetime_end = _now, problem = _problem, problem_detail = _detail, superseded_by = _by,
        waits_for = null, waits_why = null
    where id = _job;
    perform machine.note(_job);
    return next _job;
  end loop;

  delete from queue.items where id = any (_tasks);
end $$;

-- machine.stop_runs: every open data source of a job gets a run that says why there is no other. The caller holds all.
create function machine.stop_runs(_job text, _problem text, _detail text) returns void language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _open record;
  _run int;
begin
  for _open in
    select s.*, r.id as running, j.commit_sha, j.is_merged
    from job_sources s
    join jobs j on j.id = s.job_id
    left join runs r on r.id = s.run_id and r.job_id = _job and r.status is null and r.abandoned_at is null
    where s.job_id = _job and s.status is null
    order by s.position
  loop
    _run := _open.running;
    if _run is null then
      insert into runs (source_path, source_id, layer, name, job_id, commit_sha, is_merged, datetime_start, datetime_tz,
        status, problem, problem_detail)
      values (_open.source_path, _open.source_id, _open.layer, _open.name, _job, _open.commit_sha,
        coalesce(_open.is_merged, false), _now, _now, false, _problem, _detail)
      returning id into _run;
    else
      update runs
      set status = false, problem = _problem, problem_detail = _detail, datetime_tz = _now
      where id = _run;
      delete from run_progress where run_id = _run;
      perform machine.forget_due(_run);
    end if;
    update job_sources set run_id = _run, status = false where job_id = _job and position = _open.position;
  end loop;
end $$;

-- machine.rivals_of: other jobs that still go for the same pull request, or for the same branch; the default branch has
-- none, because each push to it has changes of its own.
create function machine.rivals_of(_job text) returns table (id text, sequence int) language sql stable as $$
  select o.id, o.sequence
  from jobs j
  join jobs o on o.repository_key = j.repository_key and o.id <> j.id and o.datetime_end is null
  where j.id = _job
    and case
      when j.pull_number is not null then o.pull_number = j.pull_number
      else o.pull_number is null and o.ref = j.ref and j.ref <> 'refs/heads/' || coalesce(j.default_branch, '')
    end
  order by o.sequence
$$;

-- machine.supersede: of all jobs of a pull request or branch the youngest goes on. Gives newest, superseded (this one is
-- not the youngest, and has ended) or ended (it had before).
create function machine.supersede(_job text) returns text language plpgsql as $$
declare
  _own jobs;
  _newest record;
begin
  select * into _own from jobs where id = _job;
  if _own.datetime_end is not null then
    return 'ended';
  end if;

  select r.id, j.commit_sha into _newest
  from machine.rivals_of(_job) r
  join jobs j on j.id = r.id
  where r.sequence > _own.sequence
  order by r.sequence desc
  limit 1;
  if found then
    perform machine.cancel_jobs(array[_job], 'superseded', machine.superseded_why(_newest.commit_sha), _newest.id);
    return 'superseded';
  end if;

  perform machine.cancel_jobs(array(select r.id from machine.rivals_of(_job) r), 'superseded',
    machine.superseded_why(_own.commit_sha), _job);
  return 'newest';
end $$;

-- machine.superseded_why: the sentence for who looks at the old check.
create function machine.superseded_why(_commit text) returns text language sql immutable as $$
  select format('a newer job took its place, at commit %s', left(_commit, 7))
$$;

-- machine.cancel_live: everything that still goes for a pull request, or for a branch.
create function machine.cancel_live(_key text, _pull int, _ref text, _detail text) returns setof text language sql as $$
  select machine.cancel_jobs(array(
    select id
    from jobs
    where repository_key = _key and datetime_end is null
      and case when _pull is not null then pull_number = _pull else pull_number is null and ref = _ref end
    order by id), 'cancelled', _detail)
$$;
