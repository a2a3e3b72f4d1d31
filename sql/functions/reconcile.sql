-- What reconcile asks and tells: whether a delivery was lost on its way, or in this house.

-- machine.resume_events: deliveries and jobs that wait and have no event in the queue any more get one. Gives how many.
-- A grace, because an event may be between two states just now.
create function machine.resume_events(_grace interval default '1 minute') returns int language plpgsql as $$
declare
  _lost record;
  _count int := 0;
begin
  for _lost in
    select id as delivery, null as job
    from deliveries d
    where asks and decided_at is null and received_at < queue.clock() - _grace
      and not exists (select from queue.items where q_name = 'events' and dedupe_key = 'delivery/' || d.id)
    union all
    select 'resumed/' || j.id, j.id
    from jobs j
    where expanded_at is null and datetime_end is null and waits_for is distinct from 'approval'
      and datetime_start < queue.clock() - _grace
      and not exists (select from queue.items where q_name = 'events' and data->>'job_id' = j.id)
  loop
    perform machine.put_event(_lost.delivery, _lost.job);
    _count := _count + 1;
  end loop;
  return _count;
end $$;

-- machine.claim_watch: the repository that was looked at least lately, unless it was within the pause. Two reconcilers
-- never look at one repository at once.
create function machine.claim_watch(_pause interval) returns setof watched_repositories language plpgsql as $$
begin
  return query
  update watched_repositories w
  set looked_at = queue.clock()
  where w.repository_key = (
    select repository_key
    from watched_repositories
    where looked_at is null or looked_at <= queue.clock() - _pause
    order by looked_at nulls first
    limit 1
    for update skip locked)
  returning w.*;
end $$;

-- machine.found_lost: a lost event was made up for.
create function machine.found_lost(_key text) returns void language sql as $$
  update watched_repositories set found = found + 1 where repository_key = _key
$$;
