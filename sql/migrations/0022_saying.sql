-- Saying: what GitHub has of a job besides its statuses, the one comment of a pull request, and a record of every post.
--
-- Written by the reporter, read by it and by the page of the job.

create table told (
  job_id    text not null references jobs,
  channel   text not null check (channel in ('status', 'check')),
  number    bigint,
  digest    text not null,
  annotated int not null default 0 check (annotated >= 0),
  primary key (job_id, channel)
);

comment on table told is 'What GitHub has heard of a job, channel by channel: what is the same is not said again.';
comment on column told.job_id is 'The job.';
comment on column told.channel is 'status: commit statuses; check: the check run.';
comment on column told.number is 'GitHub''s number of the check run; null for statuses.';
comment on column told.digest is 'SHA-256 of what was said last.';
comment on column told.annotated is 'How many findings the check run has as annotations; they add up, so each is sent once.';

-- free ──claim──► on loan ──posted──► free
create table stickies (
  repository_key text not null,
  pull_number    int not null,
  comment_id     bigint,
  sequence       int not null default 0,
  digest         text,
  attempt        int not null default 0,
  lease_until    timestamptz,
  refused        text,
  primary key (repository_key, pull_number)
);

comment on table stickies is 'The one comment of each pull request: who has the row on loan may write it, nobody else.';
comment on column stickies.repository_key is 'As in jobs.repository_key.';
comment on column stickies.pull_number is 'The pull request.';
comment on column stickies.comment_id is 'GitHub''s number of the comment; null before it is known.';
comment on column stickies.sequence is 'The job that it tells of: an older one does not write over it.';
comment on column stickies.digest is 'SHA-256 of its text.';
comment on column stickies.attempt is 'The fence of a reporter, as in the queue.';
comment on column stickies.lease_until is 'A reporter has it until then.';
comment on column stickies.refused is 'Why GitHub takes no comment there; null while it does.';

create table posts (
  id       bigint generated always as identity primary key,
  job_id   text not null references jobs,
  at       timestamptz not null default now(),
  channel  text not null check (channel in ('status', 'check', 'comment', 'reply')),
  said     text not null,
  body     text,
  answer   text not null,
  is_taken boolean not null
);

comment on table posts is 'Everything that was said to GitHub of a job, and what GitHub answered. Only for readers: nothing is decided by it.';
comment on column posts.id is 'Order.';
comment on column posts.job_id is 'The job.';
comment on column posts.at is 'When GitHub had answered.';
comment on column posts.channel is 'status, check, comment, or reply to a command.';
comment on column posts.said is 'One line: "success: All 2 data sources are good".';
comment on column posts.body is 'The Markdown that went with it; null for statuses and reactions.';
comment on column posts.answer is 'taken, silenced, or what GitHub said instead.';
comment on column posts.is_taken is 'GitHub took it.';

create index posts_by_job on posts (job_id, id);
