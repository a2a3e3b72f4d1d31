-- queue.finish: it is done, and gone. False when the lease was lost: then nothing that follows may be written.
-- The attempt alone is not enough: a PQ client takes an item without counting, and without a lease.

create function queue.finish(_id bigint, _attempt int) returns boolean language plpgsql as $$
begin
  delete from queue.items
  where id = _id and attempt = _attempt and lease_until is not null;
  return found;
end $$;
