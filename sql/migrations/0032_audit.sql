-- Audit: what people decided about runs, jobs, sets, workers and dead items: who, what, why, when. Never changed, only added to.

create table audit (
  id       bigint generated always as identity primary key,
  datetime timestamptz not null default now(),
  who      text not null check (trim(who) <> ''),
  what     text not null check (what ~ '^[a-z][a-z-]*$'),
  about    text not null,
  why      text not null check (trim(why) <> ''),
  facts    jsonb
);

comment on table audit is 'What people decided: who, what, why, when. Rows are added, never changed.';
comment on column audit.id is 'Order in which it was decided.';
comment on column audit.datetime is 'When, by the clock of the database.';
comment on column audit.who is 'Who decided: --who, or the user of the computer it was said on.';
comment on column audit.what is 'The verb of the command: retry, cancel, redrive, drain, accept.';
comment on column audit.about is 'What it was about, such as run 812, job 4f…, set 3, item 77, worker host/1/ab.';
comment on column audit.why is 'The reason that was given.';
comment on column audit.facts is 'What else belongs to the decision, such as the numbers that were accepted; null for nothing.';

create index audit_by_about on audit (about, id desc);
