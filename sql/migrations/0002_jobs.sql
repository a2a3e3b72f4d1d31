-- Deliveries, jobs, sets and runs: the facts of this house.
--
-- Names and meanings are the original's where it had them. What differs: the files of a job are rows
-- (job_sources) instead of JSON that two writers could overwrite, and a run is one data source
-- (file × layer × name), one attempt.

create sequence ints as int;
comment on sequence ints is 'Feeds jobs.sequence, sets.id and runs.id, as in the original.';

-- received ──expand──► running (expanded_at) ──all settled──► ended (datetime_end)
--     └───────────────cannot be expanded─────────────────────────▲
create table jobs (
  id                  text primary key,
  sequence            int not null unique default nextval('ints'),
  status              boolean,
  event               text not null,
  github_owner        text not null,
  github_repository   text not null,
  github_status_url   text,
  github_comments_url text,
  commit_sha          text not null,
  ref                 text,
  pull_number         int,
  is_merged           boolean,
  datetime_start      timestamptz not null default now(),
  expanded_at         timestamptz,
  datetime_end        timestamptz,
  problem             text,
  problem_detail      text,
  -- An end without a verdict would be a lie; so would an end nobody can explain.
  check (datetime_end is null or status is not null),
  check (datetime_end is null or expanded_at is not null or problem is not null),
  check (status is null or status = false or datetime_end is not null),
  check ((problem is null) = (problem_detail is null))
);

comment on table jobs is 'A job: the runs of one GitHub event.';
comment on column jobs.id is 'A random UUID; part of the address of its page.';
comment on column jobs.sequence is 'Order of arrival, for paging.';
comment on column jobs.status is 'The verdict: null open, true all good, false at least one failed (known as soon as one has).';
comment on column jobs.event is 'The GitHub event: push, pull_request.';
comment on column jobs.github_owner is 'Owner of the repository that sent the event.';
comment on column jobs.github_repository is 'Name of that repository.';
comment on column jobs.github_status_url is 'Where statuses are posted; null when nothing is to be posted.';
comment on column jobs.github_comments_url is 'Where comments are posted; null outside pull requests.';
comment on column jobs.commit_sha is 'The commit that is judged.';
comment on column jobs.ref is 'The branch, such as refs/heads/main; null where the event names none.';
comment on column jobs.pull_number is 'The pull request; null for a push.';
comment on column jobs.is_merged is 'Whether the commit is on the default branch; null unknown, which counts as not merged.';
comment on column jobs.datetime_start is 'When the event was accepted.';
comment on column jobs.expanded_at is 'When its data sources were known; null before.';
comment on column jobs.datetime_end is 'When the last of its runs had settled; set once.';
comment on column jobs.problem is 'Problem code, when the job itself could not be done; null otherwise.';
comment on column jobs.problem_detail is 'The values of that problem.';

create index jobs_by_sequence on jobs (sequence desc);
create index jobs_by_commit on jobs (commit_sha);

create table deliveries (
  id          text primary key,
  event       text not null,
  action      text,
  payload     jsonb not null,
  received_at timestamptz not null default now(),
  job_id      text references jobs deferrable initially deferred,
  ignored     text,
  -- Either something follows from it, or it is said why not.
  check ((job_id is null) = (ignored is not null))
);

comment on table deliveries is 'What GitHub sent, each once.';
comment on column deliveries.id is 'X-GitHub-Delivery.';
comment on column deliveries.event is 'X-GitHub-Event.';
comment on column deliveries.action is 'The action of the payload, such as opened; null where it has none.';
comment on column deliveries.payload is 'The body as it was signed.';
comment on column deliveries.received_at is 'When it was accepted.';
comment on column deliveries.job_id is 'The job made of it; null when it was ignored.';
comment on column deliveries.ignored is 'Why nothing follows from it; null when something does.';

create index deliveries_by_job on deliveries (job_id);

create table sets (
  id               int primary key default nextval('ints'),
  owner            text not null,
  repository       text not null,
  commit_sha       text,
  datetime_start   timestamptz not null default now(),
  datetime_end     timestamptz,
  last_drip        timestamptz,
  render_world     text,
  render_europe    text,
  render_usa       text,
  render_geojson   text
);

comment on table sets is 'A set: the runs of one batch over a whole repository.';
comment on column sets.id is 'Identity.';
comment on column sets.owner is 'Owner of the repository.';
comment on column sets.repository is 'Name of the repository.';
comment on column sets.commit_sha is 'The commit whose sources are run.';
comment on column sets.datetime_start is 'When it was made.';
comment on column sets.datetime_end is 'When its last run had settled; null while it goes.';
comment on column sets.last_drip is 'When it last gave a task to the queue; sets take turns by it.';
comment on column sets.render_world is 'URL of its world map.';
comment on column sets.render_europe is 'URL of its map of Europe.';
comment on column sets.render_usa is 'URL of its map of the USA.';
comment on column sets.render_geojson is 'URL of its coverage as GeoJSON.';

-- reserved (status null) ──settle──► good (true) | failed (false, with a problem)
--      └──lease lost, given back──► abandoned (status stays null); the next attempt has its own run
create table runs (
  id             int primary key default nextval('ints'),
  copy_of        int references runs,
  source_path    text not null,
  source_id      text not null,
  source_data    bytea,
  layer          text not null,
  name           text not null,
  job_id         text references jobs,
  set_id         int references sets,
  commit_sha     text,
  is_merged      boolean,
  task_id        bigint,
  attempt        int,
  worker_id      text,
  code_version   text,
  datetime_start timestamptz not null default now(),
  datetime_tz    timestamptz not null default now(),
  abandoned_at   timestamptz,
  abandoned_why  text,
  status         boolean,
  problem        text,
  problem_detail text,
  state          jsonb,
  sample         jsonb,
  result         jsonb,
  for_index_page boolean not null default false,
  -- A result that nobody stands for, a failure without a reason, a success without a state: refused here.
  check (status is null or abandoned_at is null),
  check ((abandoned_at is null) = (abandoned_why is null)),
  check (status is distinct from false or problem is not null),
  check (status is distinct from true or state is not null),
  check (status is distinct from true or problem is null or problem = 'skipped'),
  check ((task_id is null) = (attempt is null)),
  check (job_id is null or set_id is null)
);

comment on table runs is 'A run: one data source processed once, one row an attempt.';
comment on column runs.id is 'Identity, and the folder of its files: runs/<id>/….';
comment on column runs.copy_of is 'The good run whose result is reused here; null when the work was done.';
comment on column runs.source_path is 'Such as sources/us/ca/berkeley.json.';
comment on column runs.source_id is 'Git blob sha of the file.';
comment on column runs.source_data is 'The file; null where the task did not carry it.';
comment on column runs.layer is 'addresses, parcels, buildings or centerlines; empty when the file could not be read.';
comment on column runs.name is 'Name of the data source within its layer; empty when the file could not be read.';
comment on column runs.job_id is 'The job it belongs to; null for a batch.';
comment on column runs.set_id is 'The set it belongs to; null for a job.';
comment on column runs.commit_sha is 'The commit the file is from.';
comment on column runs.is_merged is 'Whether that commit is on the default branch; null unknown, which counts as not merged.';
comment on column runs.task_id is 'The item of queue tasks; null when no task was needed.';
comment on column runs.attempt is 'Which claim of that item; null when no task was needed.';
comment on column runs.worker_id is 'Who works on it, or did.';
comment on column runs.code_version is 'Version of Machine that did it.';
comment on column runs.datetime_start is 'When it was reserved.';
comment on column runs.datetime_tz is 'When it was reserved, then when it settled.';
comment on column runs.abandoned_at is 'When this attempt was given up; null while it counts.';
comment on column runs.abandoned_why is 'Why it was given up.';
comment on column runs.status is 'null reserved or running, true good, false failed; set once.';
comment on column runs.problem is 'Problem code; null for a good run, skipped for one that is good because it says to skip.';
comment on column runs.problem_detail is 'The values of the problem.';
comment on column runs.state is 'What the run left, with the keys of the original''s index.json.';
comment on column runs.sample is 'A header and up to five rows.';
comment on column runs.result is 'Rows, bounds, seconds, files and the end of the log.';
comment on column runs.for_index_page is 'Whether it is the current run of its data source; kept by sum-up-data.';

create unique index runs_one_attempt on runs (task_id, attempt);
-- Every task has one result at most: the second wall behind the fence of the queue.
create unique index runs_one_result on runs (task_id) where status is not null;
create index runs_by_job on runs (job_id) where job_id is not null;
create index runs_by_set on runs (set_id) where set_id is not null;
create index runs_by_path on runs (source_path, layer, name, id desc);
create index runs_reusable on runs (source_id, source_path, layer, name, id desc) where status and copy_of is null;
create index runs_on_index_page on runs (id) where for_index_page;
create index runs_open on runs (id) where status is null and abandoned_at is null;

create table job_sources (
  job_id      text not null references jobs,
  position    int not null,
  source_path text not null,
  source_id   text not null,
  layer       text not null,
  name        text not null,
  run_id      int references runs,
  status      boolean,
  primary key (job_id, position),
  unique (job_id, source_path, layer, name),
  check (status is null or run_id is not null)
);

comment on table job_sources is 'The data sources of a job: what its verdict is made of.';
comment on column job_sources.job_id is 'The job.';
comment on column job_sources.position is 'Order in the job, from 0.';
comment on column job_sources.source_path is 'Such as sources/us/ca/berkeley.json.';
comment on column job_sources.source_id is 'Git blob sha of the file.';
comment on column job_sources.layer is 'Layer; empty when the file could not be read.';
comment on column job_sources.name is 'Name within the layer; empty when the file could not be read.';
comment on column job_sources.run_id is 'The newest attempt, then the one that settled it; null while it waits.';
comment on column job_sources.status is 'null open, true good, false failed; set once.';

create table set_sources (
  set_id      int not null references sets,
  position    int not null,
  source_path text not null,
  source_id   text not null,
  layer       text not null,
  name        text not null,
  task        jsonb not null,
  released_at timestamptz,
  run_id      int references runs,
  status      boolean,
  primary key (set_id, position),
  unique (set_id, source_path, layer, name),
  check (status is null or released_at is not null)
);

comment on table set_sources is 'The manifest of a set: every data source it runs, durable, released to the queue bit by bit.';
comment on column set_sources.set_id is 'The set.';
comment on column set_sources.position is 'Order of release, from 0: longest known run first.';
comment on column set_sources.source_path is 'Such as sources/us/ca/berkeley.json.';
comment on column set_sources.source_id is 'Git blob sha of the file.';
comment on column set_sources.layer is 'Layer.';
comment on column set_sources.name is 'Name within the layer.';
comment on column set_sources.task is 'The task as it will be put.';
comment on column set_sources.released_at is 'When it was put into the queue; null before.';
comment on column set_sources.run_id is 'The newest attempt, then the one that settled it.';
comment on column set_sources.status is 'null open, true good, false failed; set once.';

create index set_sources_parked on set_sources (set_id, position) where released_at is null;
create index set_sources_open on set_sources (set_id) where status is null;

create table heartbeats (
  worker_id text primary key,
  datetime  timestamptz not null,
  run_id    int,
  version   text
);

comment on table heartbeats is 'When each worker was last heard of: for people, metrics and scaling. Liveness is the lease, not this.';
comment on column heartbeats.worker_id is 'A worker: host, process and a random part, new with each start.';
comment on column heartbeats.datetime is 'When it beat, by the clock of the database.';
comment on column heartbeats.run_id is 'The run it had then; null between runs.';
comment on column heartbeats.version is 'Version of Machine it runs.';

-- Unlogged: it is worth nothing after a crash, and written every other second.
create unlogged table run_progress (
  run_id   int primary key references runs on delete cascade,
  progress jsonb not null,
  at       timestamptz not null
) with (fillfactor = 50);

comment on table run_progress is 'Where running runs stand; gone when they settle.';
comment on column run_progress.run_id is 'The run.';
comment on column run_progress.progress is 'Stage, bytes, rows and rows per second.';
comment on column run_progress.at is 'When it was told.';

create table outbox (
  job_id       text primary key references jobs,
  version      int not null default 1,
  said_version int not null default 0,
  said         jsonb,
  wanted_at    timestamptz not null default now(),
  said_at      timestamptz,
  attempt      int not null default 0,
  lease_until  timestamptz,
  worker_id    text,
  failures     int not null default 0,
  not_before   timestamptz,
  last_error   text,
  dropped_at   timestamptz,
  check (said_version <= version),
  check (dropped_at is null or last_error is not null)
);

comment on table outbox is 'What GitHub has yet to hear: one row a job, level-triggered. The reporter reads the job''s truth and says it.';
comment on column outbox.job_id is 'The job.';
comment on column outbox.version is 'One more whenever the truth of the job changes.';
comment on column outbox.said_version is 'The version that GitHub has heard; less than version means something is to be said.';
comment on column outbox.said is 'What was said last.';
comment on column outbox.wanted_at is 'Since when something is to be said.';
comment on column outbox.said_at is 'When something was said last.';
comment on column outbox.attempt is 'The fence of a reporter, as in the queue.';
comment on column outbox.lease_until is 'A reporter has it until then.';
comment on column outbox.worker_id is 'Which reporter.';
comment on column outbox.failures is 'Failures since something was last said.';
comment on column outbox.not_before is 'GitHub, or our patience, says to wait until then.';
comment on column outbox.last_error is 'What the last failure said.';
comment on column outbox.dropped_at is 'When it was given up, because GitHub refuses for good.';

create index outbox_open on outbox (wanted_at) where version > said_version and dropped_at is null;
