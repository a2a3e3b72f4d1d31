-- queue.claim: take up to _n items that are ready, on loan; lane first, then order, then id.
--
--   id | attempt | data | enqueued_at | lane
--
-- Skip locked, because many ask at once: each passes over a row that another holds, instead of waiting
-- for it, and no row is lent twice. The ids are found in an array, which is evaluated once: a join to
-- a subquery with a limit that the planner does not know scans the whole table.
--
-- It first asks how many are ready, n at most. Of `due` nearly all wait for their time, and a scan in order
-- would walk over every one of them only to learn that there is no n-th.
--
-- _class: no item that needs a bigger taker. _rivals: the biggest class that others of this kind have: what the taker has
-- failed at and they could take is left to them, for ten minutes after it is ready; 0 where there are none.

create function queue.claim(
  _q text, _worker text, _n int default 1, _lease interval default '5 minutes', _max_lane int default 32767,
  _class int default 32767, _rivals int default 0
) returns table (id bigint, attempt int, data jsonb, enqueued_at timestamptz, lane smallint)
language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
begin
  _n := queue.count_ready(_q, _n);
  if _n = 0 then
    return;
  end if;

  return query
  with taken as (
    update queue.items i
    set dequeued_at = _now, lease_until = _now + _lease, worker_id = _worker, attempt = i.attempt + 1
    where i.id = any (array(
      select p.id
      from queue.items p
      where p.q_name = _q
        and p.dequeued_at is null
        and p.lane <= _max_lane
        and p.class <= _class
        and (p.avoid is distinct from _worker or p.class > _rivals
          or coalesce(p.schedule_at, '-infinity') <= _now - interval '10 minutes')
        and (p.schedule_at is null or p.schedule_at <= _now)
      order by p.lane, p.order_at, p.id
      limit _n
      for update skip locked))
    returning i.id, i.attempt, i.data, i.enqueued_at, i.lane, i.order_at
  )
  select t.id, t.attempt, t.data, t.enqueued_at, t.lane
  from taken t
  order by t.lane, t.order_at, t.id;
end $$;
