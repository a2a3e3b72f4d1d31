-- Verdicts: whether the result of a run may count, and why not.
--
--   settled ──► accept
--       └─────► hold ──accept_run──► accepted        (runs.status false, then true)
--                 └────a later run is fine──► superseded

create table verdicts (
  run_id        int primary key references runs,
  verdict       text not null check (verdict in ('accept', 'hold')),
  against       int references runs,
  reasons       jsonb not null check (jsonb_typeof(reasons) = 'array'),
  fields        jsonb not null check (jsonb_typeof(fields) = 'array'),
  datetime      timestamptz not null,
  accepted_at   timestamptz,
  accepted_by   text,
  accepted_why  text,
  superseded_by int references runs,
  -- A hold that nobody can explain, or that was lifted by nobody, would be a lie.
  check (verdict = 'accept' or jsonb_array_length(reasons) > 0),
  check ((accepted_at is null) = (accepted_by is null) and (accepted_at is null) = (accepted_why is null)),
  check (accepted_at is null or verdict = 'hold'),
  check (superseded_by is null or (verdict = 'hold' and accepted_at is null))
);

comment on table verdicts is 'Verdicts: whether the result of a run counts. One row for each run that had a result to judge.';
comment on column verdicts.run_id is 'The run.';
comment on column verdicts.verdict is 'accept: it counts. hold: it is published nowhere until somebody accepts it.';
comment on column verdicts.against is 'The run it was compared with, the last accepted one; null when there was none.';
comment on column verdicts.reasons is 'Why it is held: [{code, field, before, now, limit, sentence}].';
comment on column verdicts.fields is 'The numbers, field by field: [{field, before, now, change}].';
comment on column verdicts.datetime is 'When it was judged.';
comment on column verdicts.accepted_at is 'When a hold was lifted by a person; null otherwise.';
comment on column verdicts.accepted_by is 'Who lifted it; more is in audit.';
comment on column verdicts.accepted_why is 'The reason that was given.';
comment on column verdicts.superseded_by is 'The later run that was fine, so that nobody needs to look at this one; null otherwise.';

create index verdicts_held on verdicts (run_id) where verdict = 'hold' and accepted_at is null and superseded_by is null;

comment on column runs.status is 'null reserved or running, true good, false failed or held; set once, but a held run that is accepted becomes true.';
