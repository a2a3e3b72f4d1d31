-- Hearing: what an event said, what was understood of it, and what was decided.
--
-- Written by the hook and by expand; read by pages and by the reporter, which says the findings, the notes and the
-- replies to GitHub. The words that are said are made there; here are the facts.

-- A delivery is one of three: a job was made of it at once, nothing follows (ignored), or it asks for something
-- that needs a look at GitHub (asks), and then it is decided later.
alter table deliveries
  add column asks       boolean not null default false,
  add column understood text,
  add column decided    text,
  add column decided_at timestamptz,
  drop constraint deliveries_check,
  add constraint deliveries_followed check (job_id is not null or ignored is not null or asks),
  add constraint deliveries_ignored check (job_id is null or ignored is null),
  add constraint deliveries_decided check ((decided is null) = (decided_at is null));

comment on column deliveries.asks is 'It asks for something (a command, a re-run, a closed pull request) that expand looks into.';
comment on column deliveries.understood is 'One sentence: what the event says, such as "ann opened pull request 12". Null in rows older than this column.';
comment on column deliveries.decided is 'One sentence: what was done because of it. Null while it waits, and where the job says it.';
comment on column deliveries.decided_at is 'When that was decided.';
comment on column deliveries.job_id is 'The job made of it, or that it was about; null when there is none.';

create index deliveries_open on deliveries (received_at) where asks and decided_at is null;

alter table jobs
  add column repository_id   bigint,
  add column repository_key  text generated always as
    (coalesce(repository_id::text, lower(github_owner || '/' || github_repository))) stored,
  add column head_owner      text,
  add column head_repository text,
  add column default_branch  text,
  add column base_ref        text,
  add column base_sha        text,
  add column merge_base      text,
  add column author          text,
  add column rerun           boolean not null default false,
  add column only_paths      text[],
  add column asked_by        text,
  add column waits_for       text check (waits_for in ('approval', 'rate')),
  add column waits_why       text,
  add column superseded_by   text references jobs,
  add column notes           text[] not null default '{}',
  add constraint jobs_waits_why check ((waits_for is null) = (waits_why is null)),
  -- Who waits has not begun, and is not over.
  add constraint jobs_waits check (waits_for is null or (expanded_at is null and datetime_end is null));

comment on column jobs.repository_id is 'GitHub''s number of the repository: it stays when the repository is renamed or transferred. Null in old rows.';
comment on column jobs.repository_key is 'What jobs of one repository have in common: its number, or its name where that is unknown.';
comment on column jobs.head_owner is 'Owner of the repository that has the commit: of the fork, for a pull request from one. Null: the repository itself.';
comment on column jobs.head_repository is 'Name of that repository.';
comment on column jobs.default_branch is 'The branch that counts as merged, as the event named it.';
comment on column jobs.base_ref is 'The branch that a pull request wants into; null for a push.';
comment on column jobs.base_sha is 'What the default branch was before a push to it, or the tip of base_ref; null for other branches.';
comment on column jobs.merge_base is 'The commit that the head was compared with; null before that, and where everything is new.';
comment on column jobs.author is 'Login of who opened the pull request, or pushed.';
comment on column jobs.rerun is 'Asked for again: results of before are not reused.';
comment on column jobs.only_paths is 'Sources that were asked for again; the others keep the result of the job before. Null: all.';
comment on column jobs.asked_by is 'Login of who asked for it again; null where the event itself made it.';
comment on column jobs.waits_for is 'approval: it waits for /ok-to-test (GitHub''s action_required); rate: too much was asked in an hour. Null: it does not wait.';
comment on column jobs.waits_why is 'One sentence for who reads the check: what it waits for, and who can do what.';
comment on column jobs.superseded_by is 'The job that took its place; it ended with problem superseded. Where that job has the same commit, its word is the one to say.';
comment on column jobs.notes is 'One sentence each: what was seen and left alone, such as a link, a removed or a renamed source.';

-- One job for a pull request at a commit and a base, and one for a push; asking again makes another.
create index jobs_by_pull on jobs (repository_key, pull_number, sequence desc) where pull_number is not null;
create index jobs_by_ref on jobs (repository_key, ref, sequence desc) where ref is not null;
create index jobs_by_author on jobs (author, datetime_start desc) where author is not null;
create index jobs_merged_unknown on jobs (sequence) where is_merged is null and expanded_at is not null;

alter table job_sources
  add column follows      text references jobs,
  add column renamed_from text;

comment on column job_sources.follows is 'The job whose run of the same bytes counts here too (its head was merged, or it was not asked for again); null: it has a run of its own.';
comment on column job_sources.renamed_from is 'The path that the file had before; null when it has not moved.';

create index job_sources_followed on job_sources (follows) where follows is not null;

create table job_files (
  job_id        text not null references jobs,
  position      int not null,
  path          text not null,
  change        text not null check (change in ('added', 'modified', 'renamed', 'removed', 'unchanged', 'ignored')),
  previous_path text,
  source_id     text not null,
  data_sources  int not null default 0 check (data_sources >= 0),
  note          text,
  applied_at    timestamptz,
  primary key (job_id, position),
  check ((change = 'renamed') = (previous_path is not null)),
  check (change <> 'ignored' or note is not null)
);

comment on table job_files is 'The source files that a job found changed, and what became of each.';
comment on column job_files.job_id is 'The job.';
comment on column job_files.position is 'Order in the job, from 0.';
comment on column job_files.path is 'Path in the repository; of a renamed file the new one.';
comment on column job_files.change is 'added, modified, renamed, removed; unchanged: the file differs and no data source of it does; ignored: a link or a submodule.';
comment on column job_files.previous_path is 'Where a renamed file was.';
comment on column job_files.source_id is 'Git blob sha; of a removed file the last one.';
comment on column job_files.data_sources is 'How many of its data sources the job has.';
comment on column job_files.note is 'One sentence for people; null when there is nothing to add.';
comment on column job_files.applied_at is 'When the removal or the new name took effect, because it was merged; null otherwise.';

create table job_findings (
  job_id   text not null references jobs,
  position int not null,
  path     text not null,
  layer    text not null,
  name     text not null,
  level    text not null check (level in ('error', 'warning')),
  code     text not null,
  pointer  text not null,
  line     int not null check (line > 0),
  col      int not null check (col > 0),
  message  text not null,
  primary key (job_id, position)
);

comment on table job_findings is 'What is wrong in the source files of a job, line by line: each becomes an annotation of the check.';
comment on column job_findings.job_id is 'The job.';
comment on column job_findings.position is 'Order in the job, from 0.';
comment on column job_findings.path is 'Path of the file, as in job_sources.source_path.';
comment on column job_findings.layer is 'Layer of the data source it is about; empty when it is about the file.';
comment on column job_findings.name is 'Name of that data source; empty when it is about the file.';
comment on column job_findings.level is 'error: the data source failed because of it; warning: its author should know.';
comment on column job_findings.code is 'Code of problem_table.ts, such as source-invalid or unknown-function.';
comment on column job_findings.pointer is 'JSON pointer (RFC 6901) to the value; empty for the whole file.';
comment on column job_findings.line is 'Line, from 1.';
comment on column job_findings.col is 'Column, from 1, in UTF-16 units.';
comment on column job_findings.message is 'One sentence: what is wrong, and what was expected.';

create table approvals (
  repository_key text not null,
  pull_number    int not null,
  approved_by    text not null,
  delivery_id    text references deliveries,
  approved_at    timestamptz not null default now(),
  primary key (repository_key, pull_number)
);

comment on table approvals is 'Pull requests of outsiders that somebody with write access said /ok-to-test to: approved for good.';
comment on column approvals.repository_key is 'As in jobs.repository_key.';
comment on column approvals.pull_number is 'The pull request.';
comment on column approvals.approved_by is 'Login of who said it.';
comment on column approvals.delivery_id is 'The event in which it was said.';
comment on column approvals.approved_at is 'When.';

-- waiting ──claim──► on loan ──posted──► said (said_at)        dropped (dropped_at): GitHub refuses for good
--    ▲                  └──later, failed──┘ not_before             replies of one comment are said in order of id
create table replies (
  id           bigint generated always as identity primary key,
  delivery_id  text references deliveries,
  job_id       text references jobs,
  owner        text not null,
  repository   text not null,
  pull_number  int not null,
  comment_id   bigint not null,
  kind         text not null check (kind in ('reaction', 'answer')),
  content      text not null check (content <> ''),
  said_id      bigint,
  wanted_at    timestamptz not null default now(),
  said_at      timestamptz,
  attempt      int not null default 0,
  lease_until  timestamptz,
  worker_id    text,
  failures     int not null default 0,
  not_before   timestamptz,
  last_error   text,
  dropped_at   timestamptz,
  -- The same word to the same comment twice would be a mistake: each delivery answers once.
  unique (delivery_id, comment_id, kind, content),
  check (kind <> 'reaction' or content in ('eyes', '+1', '-1', 'confused')),
  check (dropped_at is null or last_error is not null),
  check (said_at is null or dropped_at is null)
);

comment on table replies is 'What people are to be answered in their pull requests: an outbox of reactions and one-line comments.';
comment on column replies.id is 'Order: of one comment, the lower is said first.';
comment on column replies.delivery_id is 'The event that is answered.';
comment on column replies.job_id is 'The job it is about; null when there is none.';
comment on column replies.owner is 'Owner of the repository of the pull request.';
comment on column replies.repository is 'Name of that repository.';
comment on column replies.pull_number is 'The pull request.';
comment on column replies.comment_id is 'GitHub''s number of the comment that is answered.';
comment on column replies.kind is 'reaction: to that comment; answer: a new comment in the pull request.';
comment on column replies.content is 'eyes, +1, -1 or confused; or the text of the answer (Markdown, without a mark of ours).';
comment on column replies.said_id is 'GitHub''s number of the reaction or comment that was made.';
comment on column replies.wanted_at is 'When it was decided.';
comment on column replies.said_at is 'When GitHub took it.';
comment on column replies.attempt is 'The fence of a reporter, as in the queue.';
comment on column replies.lease_until is 'A reporter has it until then.';
comment on column replies.worker_id is 'Which reporter.';
comment on column replies.failures is 'Failures so far.';
comment on column replies.not_before is 'GitHub, or our patience, says to wait until then.';
comment on column replies.last_error is 'What the last failure said.';
comment on column replies.dropped_at is 'When it was given up, because GitHub refuses for good.';

create index replies_open on replies (id) where said_at is null and dropped_at is null;

create table watched_repositories (
  repository_key text primary key,
  owner          text not null,
  name           text not null,
  default_branch text not null,
  since          timestamptz not null default now(),
  looked_at      timestamptz,
  found          int not null default 0
);

comment on table watched_repositories is 'Repositories that sent events: reconcile looks whether one was lost.';
comment on column watched_repositories.repository_key is 'As in jobs.repository_key.';
comment on column watched_repositories.owner is 'Owner, as the newest event said.';
comment on column watched_repositories.name is 'Name, as the newest event said.';
comment on column watched_repositories.default_branch is 'The branch that counts as merged, as the newest event said.';
comment on column watched_repositories.since is 'When the first event came: what is older than that was never promised.';
comment on column watched_repositories.looked_at is 'When its pull requests and branches were last compared with the jobs.';
comment on column watched_repositories.found is 'How many lost events that found, ever.';

create table branch_heads (
  repository_key text not null references watched_repositories,
  ref            text not null,
  sha            text not null,
  seen_at        timestamptz not null default now(),
  primary key (repository_key, ref)
);

comment on table branch_heads is 'Where each branch was when it was last heard of: what reconcile compares with.';
comment on column branch_heads.repository_key is 'The repository.';
comment on column branch_heads.ref is 'Such as refs/heads/main.';
comment on column branch_heads.sha is 'Its newest commit.';
comment on column branch_heads.seen_at is 'When that was heard or seen.';
