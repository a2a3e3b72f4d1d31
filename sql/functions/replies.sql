-- What the reporter does with replies. Each is its own transaction; GitHub is called between them.

-- machine.claim_reply: the reply that has waited longest, on loan; of one comment only the first that is open.
--
--   id | attempt | failures | owner | repository | pull_number | comment_id | kind | content | wanted_at
create function machine.claim_reply(_worker text, _lease interval default '1 minute')
returns table (id bigint, attempt int, failures int, owner text, repository text, pull_number int, comment_id bigint,
  kind text, content text, wanted_at timestamptz) language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
begin
  return query
  update replies r
  set lease_until = _now + _lease, worker_id = _worker, attempt = r.attempt + 1
  where r.id = any (array(
    select w.id
    from replies w
    where w.said_at is null and w.dropped_at is null
      and (w.not_before is null or w.not_before <= _now)
      and (w.lease_until is null or w.lease_until <= _now)
      and not exists (
        select from replies e
        where e.comment_id = w.comment_id and e.id < w.id and e.said_at is null and e.dropped_at is null)
    order by w.id
    limit 1
    for update skip locked))
  returning r.id, r.attempt, r.failures, r.owner, r.repository, r.pull_number, r.comment_id, r.kind, r.content, r.wanted_at;
end $$;

-- machine.replied: GitHub took it. False when the lease was lost.
create function machine.replied(_id bigint, _attempt int, _said_id bigint) returns boolean language plpgsql as $$
begin
  update replies
  set said_at = queue.clock(), said_id = _said_id, not_before = null, last_error = null, lease_until = null, worker_id = null
  where id = _id and attempt = _attempt and lease_until is not null;
  return found;
end $$;

-- machine.reply_later: not now. _failed counts it as a failure; a wait that GitHub asked for is none.
create function machine.reply_later(_id bigint, _attempt int, _in interval, _why text, _failed boolean)
returns boolean language plpgsql as $$
begin
  update replies
  set not_before = queue.clock() + _in, last_error = _why, failures = failures + _failed::int,
      lease_until = null, worker_id = null
  where id = _id and attempt = _attempt and lease_until is not null;
  return found;
end $$;

-- machine.drop_reply: it is never said: GitHub refuses for good, or has failed too often.
create function machine.drop_reply(_id bigint, _attempt int, _why text) returns boolean language plpgsql as $$
begin
  update replies
  set dropped_at = queue.clock(), last_error = _why, lease_until = null, worker_id = null
  where id = _id and attempt = _attempt and lease_until is not null;
  return found;
end $$;
