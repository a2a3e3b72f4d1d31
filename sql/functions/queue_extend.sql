-- queue.extend: more time for what is still ours. Gives the ids that are.
--
-- It also takes back an item that was swept and that nobody has taken since: its attempt, and so the
-- fence, has not moved, and hours of work are not thrown away. Such a lease was not lost after all, so it
-- does not stay counted as a failure. What a PQ client has taken since (no lease) is not ours.

create function queue.extend(_ids bigint[], _attempts int[], _lease interval)
returns setof bigint language plpgsql as $$
declare
  _now timestamptz := queue.clock();
begin
  return query
  update queue.items i
  set lease_until = _now + _lease,
      dequeued_at = coalesce(i.dequeued_at, _now),
      failures = i.failures - (i.dequeued_at is null)::int
  from unnest(_ids, _attempts) as ours (id, attempt)
  where i.id = ours.id and i.attempt = ours.attempt and i.worker_id is not null
    and (i.lease_until is not null or i.dequeued_at is null)
  returning i.id;
end $$;
