-- queue.clock: what time it is. Every statement of the queue asks here, so that a test can set `queue.now`.

create function queue.clock() returns timestamptz language sql volatile as $$
  select coalesce(nullif(current_setting('queue.now', true), '')::timestamptz, clock_timestamp())
$$;
