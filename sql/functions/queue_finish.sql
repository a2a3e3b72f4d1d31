-- queue.finish: it is done, and gone. False when the lease was lost: then nothing that follows may be written.

create function queue.finish(_id bigint, _attempt int) returns boolean language plpgsql as $$
begin
  delete from queue.items
  where id = _id and attempt = _attempt and dequeued_at is not null;
  return found;
end $$;
