-- audit: what people decided, newest first by id. Read by operators, and by anyone who asks why a run counts.
--
--   id | datetime            | who  | what    | about   | why
--   ---+---------------------+------+---------+---------+------------------------
--    3 | 2026-11-25 10:12:01 | anna | redrive | item 77 | the disk has room again

create view reports.audit as
  select id, datetime, who, what, about, why, facts
  from audit;
