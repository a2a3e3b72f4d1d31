-- machine.accept_run: a person takes a held run for good: it counts as if it had been fine. Gives accepted, or why it was
-- not: no-such-run, not-held, accepted-before, superseded.
--
-- Lock order: run → job or set → outbox. A job that has ended is judged again: its check turns green.

create function machine.accept_run(_run int, _who text, _why text) returns text language plpgsql as $$
declare
  _held runs;
  _verdict verdicts;
  _job text;
begin
  select * into _held from runs where id = _run for update;
  if not found then
    return 'no-such-run';
  end if;
  select * into _verdict from verdicts where run_id = _run for update;
  if not found or _verdict.verdict <> 'hold' then
    return 'not-held';
  elsif _verdict.accepted_at is not null then
    return 'accepted-before';
  elsif _verdict.superseded_by is not null then
    return 'superseded';
  end if;

  perform machine.audit(_who, 'accept', 'run ' || _run, _why,
    jsonb_build_object('against', _verdict.against, 'reasons', _verdict.reasons));
  update verdicts
  set accepted_at = queue.clock(), accepted_by = _who, accepted_why = _why
  where run_id = _run;
  update runs set status = true, problem = null, problem_detail = null where id = _run;
  perform machine.supersede_holds(_run);

  -- Its own job, and jobs that follow it: a merge of what had run shows the same run.
  for _job in
    select distinct job_id from job_sources
    where (job_id = _held.job_id or follows is not null) and run_id = _run and status = false
    order by job_id
  loop
    perform from jobs where id = _job for no key update;
    update job_sources set status = true where job_id = _job and run_id = _run and status = false;
    perform machine.judge_job_again(_job);
  end loop;
  if _held.set_id is not null then
    perform from sets where id = _held.set_id for no key update;
    update set_sources set status = true where set_id = _held.set_id and run_id = _run and status = false;
  end if;
  return 'accepted';
end $$;

-- machine.judge_job_again: as judge_job, for a job that may have ended: when it ended stays as it is.
create function machine.judge_job_again(_job text) returns void language plpgsql as $$
begin
  update jobs j
  set status = case when s.bad > 0 then false when s.open = 0 then true end
  from (
    select count(*) filter (where status is null) as open, count(*) filter (where status = false) as bad
    from job_sources
    where job_id = _job) as s
  where j.id = _job and j.problem is null;
  if found then
    perform machine.note(_job);
  end if;
end $$;
