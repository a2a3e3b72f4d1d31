-- queue.extend: more time for what is still ours. Gives the ids that are.
--
-- It also takes back an item that was swept and that nobody has taken since: its attempt, and so the
-- fence, has not moved, and hours of work are not thrown away.

create function queue.extend(_ids bigint[], _attempts int[], _lease interval)
returns setof bigint language plpgsql as $$
declare
  _now timestamptz := queue.clock();
begin
  return query
  update queue.items i
  set lease_until = _now + _lease, dequeued_at = coalesce(i.dequeued_at, _now)
  from unnest(_ids, _attempts) as ours (id, attempt)
  where i.id = ours.id and i.attempt = ours.attempt and i.worker_id is not null
  returning i.id;
end $$;
