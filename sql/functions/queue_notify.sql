-- queue.notify_waiting: wake those who listen on the name of a queue, once a statement.
--
-- Never once a row: a transaction that notified holds a lock of the whole cluster while it commits.
-- A notification is a hint; whoever waits polls as well.

create function queue.notify_waiting() returns trigger language plpgsql as $$
begin
  perform pg_notify(q_name, '')
  from (select distinct q_name from inserted where schedule_at is null or schedule_at <= queue.clock()) as ready;
  return null;
end $$;

create trigger items_notify
  after insert on queue.items referencing new table as inserted
  for each statement execute function queue.notify_waiting();
