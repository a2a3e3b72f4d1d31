-- Sets that can be paused and cancelled, and the data sources that there are.
--
-- A set:  going ──settled──► ended (datetime_end)
--           │ ▲
--     pause │ │ resume        cancel: cancelled_at; what it has in the queue is taken out, then ended
--           ▼ │
--         paused
--
-- data_sources is the catalogue as the default branch has it now. "Current" data is made of it: the last accepted run of
-- each, whether it came from a set or a push.

alter table sets add column ref text;
alter table sets add column is_merged boolean not null default true;
alter table sets add column paused_at timestamptz;
alter table sets add column cancelled_at timestamptz;

comment on column sets.ref is 'The branch that was asked for; null for the default branch.';
comment on column sets.is_merged is 'Whether its commit is on the default branch; the runs of another branch are current nowhere.';
comment on column sets.paused_at is 'Since when it gives no task to the queue; null while it goes.';
comment on column sets.cancelled_at is 'When it was cancelled; what had not run by then never will. Null otherwise.';

create index sets_open on sets (owner, repository) where datetime_end is null;

alter table set_sources add column expected_seconds real;

comment on column set_sources.expected_seconds is 'How long the last real run of it took; null when there was none.';

create table data_sources (
  owner       text not null,
  repository  text not null,
  source_path text not null,
  layer       text not null,
  name        text not null,
  source_id   text not null,
  commit_sha  text,
  seen_at     timestamptz not null,
  formerly    text[] not null default '{}',
  since       timestamptz,
  removed_at  timestamptz,
  removed_why text,
  primary key (owner, repository, source_path, layer, name),
  check ((removed_at is null) = (removed_why is null))
);

comment on table data_sources is 'The data sources of the default branch: those that are there, and tombstones of those that were.';
comment on column data_sources.owner is 'Owner of the repository.';
comment on column data_sources.repository is 'Name of the repository.';
comment on column data_sources.source_path is 'Such as sources/us/ca/berkeley.json.';
comment on column data_sources.layer is 'Layer.';
comment on column data_sources.name is 'Name within the layer.';
comment on column data_sources.source_id is 'Git blob sha of the file when it was last seen.';
comment on column data_sources.commit_sha is 'The commit it was last seen in; null when not known.';
comment on column data_sources.seen_at is 'As of when it was there: the newest push or tree that has it. What is older changes nothing.';
comment on column data_sources.formerly is 'Paths it had before: until it has a good run of its own, the last of those is current.';
comment on column data_sources.since is 'Older runs under this path are another''s, which moved away; null where there is no such.';
comment on column data_sources.removed_at is 'As of when it was gone from the default branch; null while it is there.';
comment on column data_sources.removed_why is 'Why it counts as gone; null while it is there.';

create index data_sources_by_blob on data_sources (source_id) where removed_at is null;
