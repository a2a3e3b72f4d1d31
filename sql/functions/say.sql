-- What the reporter does with the outbox. Each is its own transaction; GitHub is called between them.

-- machine.claim_say: the job that has waited longest to be told of, on loan.
--
--   job_id | attempt | version | said | said_at | failures
create function machine.claim_say(_worker text, _lease interval default '1 minute')
returns table (job_id text, attempt int, version int, said jsonb, said_at timestamptz, failures int) language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
begin
  return query
  update outbox o
  set lease_until = _now + _lease, worker_id = _worker, attempt = o.attempt + 1
  where o.job_id = any (array(
    select w.job_id
    from outbox w
    where w.version > w.said_version and w.dropped_at is null
      and (w.not_before is null or w.not_before <= _now)
      and (w.lease_until is null or w.lease_until <= _now)
    order by w.wanted_at
    limit 1
    for update skip locked))
  returning o.job_id, o.attempt, o.version, o.said, o.said_at, o.failures;
end $$;

-- machine.said: GitHub heard this version; what changed since stays wanted. False when the lease was lost.
create function machine.said(_job text, _attempt int, _version int, _said jsonb) returns boolean language plpgsql as $$
begin
  update outbox
  set said_version = greatest(said_version, _version), said = _said, said_at = queue.clock(),
      wanted_at = case when version > _version then queue.clock() else wanted_at end,
      failures = 0, not_before = null, last_error = null, lease_until = null, worker_id = null
  where job_id = _job and attempt = _attempt and lease_until is not null;
  return found;
end $$;

-- machine.say_later: not now. _failed counts it as a failure of ours or theirs; a wait that GitHub asked for is none.
create function machine.say_later(_job text, _attempt int, _in interval, _why text, _failed boolean)
returns boolean language plpgsql as $$
begin
  update outbox
  set not_before = queue.clock() + _in, last_error = _why, failures = failures + _failed::int,
      lease_until = null, worker_id = null
  where job_id = _job and attempt = _attempt and lease_until is not null;
  return found;
end $$;

-- machine.drop_say: GitHub refuses for good. This version is not said; _for_ever says that none will be.
create function machine.drop_say(_job text, _attempt int, _version int, _why text, _for_ever boolean)
returns boolean language plpgsql as $$
begin
  update outbox
  set said_version = greatest(said_version, _version), last_error = _why,
      dropped_at = case when _for_ever then queue.clock() end,
      lease_until = null, worker_id = null
  where job_id = _job and attempt = _attempt and lease_until is not null;
  return found;
end $$;
