-- queue.release: given back politely (a worker that is told to go): ready at once, and not a failure.

create function queue.release(_id bigint, _attempt int) returns boolean language plpgsql as $$
begin
  update queue.items
  set dequeued_at = null, lease_until = null, worker_id = null
  where id = _id and attempt = _attempt and lease_until is not null;
  return found;
end $$;
