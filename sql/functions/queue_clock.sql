-- queue.uptime: for how long the server has been up. Asked here, so that a test can set `queue.uptime`.

create function queue.uptime() returns interval language sql volatile as $$
  select coalesce(nullif(current_setting('queue.uptime', true), '')::interval,
    clock_timestamp() - pg_postmaster_start_time())
$$;

-- queue.clock: what time it is. Every statement of the queue asks here, so that a test can set `queue.now`.

create function queue.clock() returns timestamptz language sql volatile as $$
  select coalesce(nullif(current_setting('queue.now', true), '')::timestamptz, clock_timestamp())
$$;
