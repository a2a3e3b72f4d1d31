-- The schedule: what is started when, and what came of it last.
--
--   waiting ──due──► running (lease) ──end──► waiting, with an outcome and its next start
--                      └──lease over──► waiting, outcome lost, due again

create table schedule (
  name       text primary key check (name ~ '^[a-z0-9][a-z0-9_-]*$'),
  cron       text not null,
  zone       text not null default 'UTC',
  command    jsonb not null check (jsonb_typeof(command) = 'array' and jsonb_array_length(command) > 0),
  hours_max  real check (hours_max > 0),
  next_start timestamptz,
  last_start timestamptz,
  last_end   timestamptz,
  outcome    text check (outcome in ('done', 'failed', 'overran', 'lost', 'stopped')),
  detail     text,
  starts     int not null default 0,
  failures   int not null default 0,
  attempt    int not null default 0,
  lease_until timestamptz,
  runner     text,
  check ((lease_until is null) = (runner is null)),
  -- An end without a word on it would be a lie.
  check (last_end is null or outcome is not null)
);

comment on table schedule is 'What is started when, and what came of it last. Each row is on loan while its command runs.';
comment on column schedule.name is 'What people call it.';
comment on column schedule.cron is 'When it starts: minute, hour, day, month, day of the week.';
comment on column schedule.zone is 'The time zone in which cron is meant, such as UTC or Europe/Berlin.';
comment on column schedule.command is 'A machine command and its options, word by word.';
comment on column schedule.hours_max is 'The end of patience: a command that runs longer is ended. Null for no end.';
comment on column schedule.next_start is 'When it is due next; null when its cron has no next time.';
comment on column schedule.last_start is 'When it was started last.';
comment on column schedule.last_end is 'When it ended last; older than last_start while it runs.';
comment on column schedule.outcome is 'How it ended last: done, failed, overran (ended after hours_max), lost (its runner died), stopped (its runner was told to).';
comment on column schedule.detail is 'The end of what it said last.';
comment on column schedule.starts is 'How often it was started.';
comment on column schedule.failures is 'How often in a row it did not end with done.';
comment on column schedule.attempt is 'The fence: one more with each start. Who holds an older attempt can change nothing.';
comment on column schedule.lease_until is 'Its runner has it until then, unless it asks for more; null while it does not run.';
comment on column schedule.runner is 'Which process runs it; null while it does not run.';
