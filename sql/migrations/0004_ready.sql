-- How many items are ready: queue.claim asks before it looks for them in order, because a scan of items_ready walks over
-- all that wait for their time.
--
-- Two halves, each with a predicate that the ordered scan does not have: one index over both would offer itself for that
-- scan too, and with old statistics the planner takes it, and sorts everything that waits.

create index items_now on queue.items (q_name, enqueued_at) where dequeued_at is null and schedule_at is null;
create index items_later on queue.items (q_name, schedule_at) where dequeued_at is null and schedule_at is not null;
