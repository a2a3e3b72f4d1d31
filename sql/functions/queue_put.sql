-- queue.put: one item into a queue. Gives its id, or null when an item with its dedupe key is already there.

create function queue.put(
  _q text, _data jsonb, _lane int default 5, _schedule_at timestamptz default null,
  _expected_at timestamptz default null, _dedupe text default null, _max_failures int default 3,
  _group text default null
) returns bigint language plpgsql as $$
declare
  _id bigint;
begin
  insert into queue.items (q_name, data, lane, enqueued_at, schedule_at, expected_at, dedupe_key, max_failures, group_key)
  values (_q, _data, _lane, queue.clock(), _schedule_at, _expected_at, _dedupe, _max_failures, _group)
  on conflict (q_name, dedupe_key) where dedupe_key is not null do nothing
  returning id into _id;
  return _id;
end $$;
