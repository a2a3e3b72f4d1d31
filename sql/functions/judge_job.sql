-- machine.judge_job: the verdict of a job from its data sources, and a word to GitHub when it changed.
-- One failure is the verdict at once; success, and the end, come when all have settled. The caller holds the job's row.

create function machine.judge_job(_job text) returns void language plpgsql as $$
declare
  _open int;
  _bad int;
begin
  select count(*) filter (where status is null), count(*) filter (where status = false)
  into _open, _bad
  from job_sources
  where job_id = _job;

  update jobs
  set status = case when _bad > 0 then false when _open = 0 then true end,
      datetime_end = case when _open = 0 then queue.clock() end
  where id = _job and datetime_end is null;
  if found then
    perform machine.note(_job);
  end if;
end $$;

-- machine.end_job: a job that could not be looked into ends, and says why.
create function machine.end_job(_job text, _problem text, _detail text) returns void language plpgsql as $$
begin
  update jobs
  set status = false, datetime_end = queue.clock(), problem = _problem, problem_detail = _detail
  where id = _job and datetime_end is null;
  if found then
    perform machine.note(_job);
  end if;
end $$;

-- machine.fail_event: an event could not be looked into this time. After the last time its job ends, and says why.
create function machine.fail_event(_item bigint, _attempt int, _job text, _error text, _retry_in interval default null)
returns text language plpgsql as $$
declare
  _outcome text := queue.fail(_item, _attempt, _error, _retry_in);
begin
  if _outcome = 'dead' then
    perform machine.end_job(_job, 'internal', _error);
  end if;
  return _outcome;
end $$;
