-- outbox: what GitHub has yet to hear, and why not yet. Read by operators.
--
--   job_id | waiting_s | failures | not_before | last_error | given_up
--   -------+-----------+----------+------------+------------+---------
--   4f…    |        12 |        0 |            |            | f

create view reports.outbox as
  select job_id,
         extract(epoch from now() - wanted_at)::int as waiting_s,
         failures,
         not_before,
         last_error,
         dropped_at is not null as given_up
  from outbox
  where version > said_version or dropped_at is not null;
