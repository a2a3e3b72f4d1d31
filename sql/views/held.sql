-- held: runs that wait for somebody to accept them, newest first by run_id. Read by operators, and by who asks why data is old.
--
--   run_id | source_path       | layer     | name | against | why                          | rows_before | rows_now | held_at
--   -------+-------------------+-----------+------+---------+------------------------------+-------------+----------+--------
--       12 | sources/de/x.json | addresses | city |       9 | rows fell from 20,000 to 30… |       20000 |       30 | …

create view reports.held as
  select v.run_id,
         r.source_path,
         r.layer,
         r.name,
         v.against,
         r.problem_detail as why,
         (select (f->>'before')::numeric from jsonb_array_elements(v.fields) as f where f->>'field' = 'rows') as rows_before,
         (select (f->>'now')::numeric from jsonb_array_elements(v.fields) as f where f->>'field' = 'rows') as rows_now,
         v.datetime as held_at,
         r.is_merged,
         r.job_id,
         r.set_id
  from verdicts v
  join runs r on r.id = v.run_id
  where v.verdict = 'hold' and v.accepted_at is null and v.superseded_by is null;
