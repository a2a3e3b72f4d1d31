-- queue.sweep: leases that ran out. Each item goes back, or is dead at its last failure.
--
--   id | attempt | q_name | data | dead
--
-- After a restart or a failover every lease looks lost although the workers live: for one _grace after
-- the start of the server nothing is swept, so that they can beat first. worker_id stays, so that
-- queue.extend can take the item back.

create function queue.sweep(_limit int default 100, _grace interval default '5 minutes')
returns table (id bigint, attempt int, q_name text, data jsonb, dead boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
  _item queue.items;
begin
  if queue.uptime() < _grace then
    return;
  end if;

  for _item in
    select *
    from queue.items i
    where i.lease_until < _now
    order by i.lease_until
    limit _limit
    for update skip locked
  loop
    dead := _item.failures + 1 >= _item.max_failures;
    if dead then
      perform queue.bury(_item, 'lease expired');
    else
      update queue.items i
      set dequeued_at = null, lease_until = null, failures = i.failures + 1, last_error = 'lease expired'
      where i.id = _item.id;
    end if;
    id := _item.id;
    attempt := _item.attempt;
    q_name := _item.q_name;
    data := _item.data;
    return next;
  end loop;
end $$;
