-- queue.fail: it could not be done. Back with a growing, uneven pause (retry), or to queue.dead (dead);
-- fenced when the lease was lost, and then nothing is written.

create function queue.fail(_id bigint, _attempt int, _error text, _retry_in interval default null)
returns text language plpgsql as $$
declare
  _item queue.items;
begin
  select * into _item
  from queue.items
  where id = _id and attempt = _attempt and lease_until is not null
  for update;
  if not found then
    return 'fenced';
  end if;

  if _item.failures + 1 >= _item.max_failures then
    perform queue.bury(_item, _error);
    return 'dead';
  end if;

  update queue.items
  set dequeued_at = null, lease_until = null, worker_id = null, avoid = worker_id, failures = failures + 1,
      last_error = _error,
      schedule_at = queue.clock() + coalesce(_retry_in,
        least(interval '1 hour', interval '5 seconds' * (2 ^ least(_item.failures, 10)) * (0.5 + random())))
  where id = _id;
  return 'retry';
end $$;

-- queue.bury: from items to dead; the caller holds the row.
create function queue.bury(_item queue.items, _error text) returns void language plpgsql as $$
begin
  insert into queue.dead (id, q_name, data, lane, attempt, enqueued_at, died_at, last_error, worker_id,
    max_failures, dedupe_key, group_key, class)
  values (_item.id, _item.q_name, _item.data, _item.lane, _item.attempt, _item.enqueued_at, queue.clock(), _error,
    _item.worker_id, _item.max_failures, _item.dedupe_key, _item.group_key, _item.class);
  delete from queue.items where id = _item.id;
end $$;
