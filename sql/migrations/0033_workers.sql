-- Workers that say that they are there, classes of workers, and what it takes to put a dead item back.

create table workers (
  worker_id  text primary key,
  loop       text not null check (loop in ('expand', 'reconcile', 'work', 'dequeue', 'report')),
  class      smallint not null default 1 check (class between 1 and 99),
  version    text,
  started_at timestamptz not null,
  seen_at    timestamptz not null,
  drain_at   timestamptz,
  ended_at   timestamptz
);

comment on table workers is 'The loops that run now, idle or not. Who dies falls silent. Liveness of a run is its lease, not this.';
comment on column workers.worker_id is 'A process: host, process and a random part, new with each start.';
comment on column workers.loop is 'What it does: expand, reconcile, work, dequeue or report.';
comment on column workers.class is 'How big it is; it takes tasks of its class and of smaller ones. Only that of work means something.';
comment on column workers.version is 'Version of Machine it runs.';
comment on column workers.started_at is 'When it was first heard of.';
comment on column workers.seen_at is 'When it was last heard of, by the clock of the database.';
comment on column workers.drain_at is 'When it was told to take nothing more and to end; null otherwise.';
comment on column workers.ended_at is 'When it ended politely; null while it goes, and for ever where it died.';

create index workers_seen on workers (loop, seen_at);

alter table queue.items add column class smallint not null default 1;
alter table queue.items add column avoid text;
comment on column queue.items.class is 'The smallest class of worker that may take it; one more after it ran out of memory or disk.';
comment on column queue.items.avoid is 'Who failed at it last, and is to leave it to another for a while; null for nobody.';

alter table queue.dead add column max_failures smallint;
alter table queue.dead add column dedupe_key text;
alter table queue.dead add column group_key text;
alter table queue.dead add column class smallint not null default 1;
comment on column queue.dead.max_failures is 'How often it might fail; null where it died before that was kept.';
comment on column queue.dead.dedupe_key is 'The key it had; null for none.';
comment on column queue.dead.group_key is 'The job or set it belongs to; null for none.';
comment on column queue.dead.class is 'The smallest class of worker that might take it.';

alter table queue.sweeps add column back_at timestamptz;
comment on column queue.sweeps.back_at is 'When looking for lost leases began again after nobody could for a while; null when that never was.';

-- What failed of what: /metrics counts it every few seconds.
create index runs_by_problem on runs (problem) where problem is not null;
