-- machine.drip: keep at most _target tasks ready by releasing data sources of live sets, in turns. Gives how many.
-- One dripper at a time; others pass. A set that is paused or cancelled gives nothing.

create function machine.drip(_target int default 1) returns int language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _released int := 0;
  _wanted int;
  _next record;
begin
  if not pg_try_advisory_xact_lock(hashtext('machine.drip')) then
    return 0;
  end if;

  _wanted := _target - queue.count_ready('tasks', _target);
  if _wanted <= 0 then
    return 0;
  end if;

  -- All of them in one order, as machine.settle_copies takes them: turns have another, and that would be a deadlock.
  perform from sets where datetime_end is null and paused_at is null and cancelled_at is null order by id for no key update;

  while _released < _wanted loop
    select parked.set_id, parked.position, parked.task into _next
    from sets s
    cross join lateral (
      select *
      from set_sources x
      where x.set_id = s.id and x.released_at is null
      order by x.position
      limit 1) as parked
    where s.datetime_end is null and s.paused_at is null and s.cancelled_at is null
    order by s.last_drip nulls first, s.id
    limit 1;
    exit when not found;

    perform queue.put('tasks', _next.task || jsonb_build_object('set_id', _next.set_id), 9, null, null,
      format('set/%s/%s', _next.set_id, _next.position), 2, 'set/' || _next.set_id);
    update set_sources set released_at = _now where set_id = _next.set_id and position = _next.position;
    -- The wall clock, not _now: two releases of one call must not look like one time.
    update sets set last_drip = clock_timestamp() where id = _next.set_id;
    _released := _released + 1;
  end loop;
  return _released;
end $$;
