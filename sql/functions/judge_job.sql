-- machine.judge_job: the verdict of a job from its data sources, and a word to GitHub when it changed.
-- One failure is the verdict at once; success, and the end, come when all have settled. The caller holds the job's row.

create function machine.judge_job(_job text) returns void language plpgsql as $$
declare
  _open int;
  _bad int;
  _follower text;
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

  -- Who follows is always younger, so that two jobs never wait for each other.
  for _follower in
    select distinct f.job_id from job_sources f where f.follows = _job and f.status is null order by f.job_id
  loop
    perform from jobs where id = _follower for no key update;
    if machine.follow(_follower) > 0 then
      perform machine.judge_job(_follower);
    end if;
  end loop;
end $$;

-- machine.follow: what a job follows has come further: its data sources have the runs and results of the others.
-- Gives how many have settled by that. The caller holds the job's row.
create function machine.follow(_job text) returns int language plpgsql as $$
declare
  _settled int;
begin
  with moved as (
    update job_sources f
    set run_id = s.run_id, status = s.status
    from job_sources s
    where f.job_id = _job and f.status is null and f.follows is not null
      and s.job_id = f.follows and s.source_path = f.source_path and s.layer = f.layer and s.name = f.name
      and s.run_id is not null
    returning f.status
  )
  select count(*) filter (where status is not null) into _settled from moved;
  return _settled;
end $$;

-- machine.end_job: a job that could not be looked into ends, and says why.
create function machine.end_job(_job text, _problem text, _detail text) returns void language plpgsql as $$
begin
  update jobs
  set status = false, datetime_end = queue.clock(), problem = _problem, problem_detail = _detail,
      waits_for = null, waits_why = null
  where id = _job and datetime_end is null;
  if found then
    perform machine.note(_job);
  end if;
end $$;

-- machine.fail_event: an event could not be looked into this time. After the last time its job ends, and says why;
-- where it only asked for something, that is decided: it could not be done.
create function machine.fail_event(
  _item bigint, _attempt int, _job text, _error text, _retry_in interval default null, _delivery text default null
) returns text language plpgsql as $$
declare
  _outcome text := queue.fail(_item, _attempt, _error, _retry_in);
begin
  if _outcome = 'dead' then
    perform machine.end_job(_job, 'internal', _error);
    update deliveries
    set decided = 'it could not be looked into: ' || _error, decided_at = queue.clock()
    where id = _delivery and asks and decided_at is null;
  end if;
  return _outcome;
end $$;
