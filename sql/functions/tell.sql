-- What the reporter does beside the outbox: longer loans, and the one comment of a pull request.

-- machine.hold_say: the word on a job is still being said. False when the lease was lost: then say nothing more.
create function machine.hold_say(_job text, _attempt int, _lease interval) returns boolean language plpgsql as $$
begin
  update outbox set lease_until = queue.clock() + _lease
  where job_id = _job and attempt = _attempt and lease_until > queue.clock();
  return found;
end $$;

-- machine.claim_sticky: the comment of a pull request, on loan. No row: somebody else has it, a later job has written
-- it, or GitHub takes none there.
create function machine.claim_sticky(_key text, _pull int, _sequence int, _lease interval)
returns setof stickies language plpgsql as $$
begin
  insert into stickies (repository_key, pull_number) values (_key, _pull) on conflict do nothing;
  return query
  update stickies
  set attempt = attempt + 1, lease_until = queue.clock() + _lease
  where repository_key = _key and pull_number = _pull and sequence <= _sequence and refused is null
    and (lease_until is null or lease_until <= queue.clock())
  returning *;
end $$;

-- machine.leave_sticky: what the comment is now; null leaves what it was. False when the lease was lost.
create function machine.leave_sticky(_key text, _pull int, _attempt int, _now jsonb) returns boolean language plpgsql as $$
begin
  update stickies
  set lease_until = null,
      comment_id = case when _now ? 'comment_id' then (_now->>'comment_id')::bigint else comment_id end,
      sequence = coalesce((_now->>'sequence')::int, sequence),
      digest = case when _now ? 'digest' then _now->>'digest' else digest end,
      refused = coalesce(_now->>'refused', refused)
  where repository_key = _key and pull_number = _pull and attempt = _attempt;
  return found;
end $$;
