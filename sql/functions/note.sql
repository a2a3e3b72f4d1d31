-- machine.note: the truth of a job has changed; GitHub is to hear it. The caller holds the job's row, or made it.
-- A wait that GitHub asked for, or that a failure made, goes on; one of our own patience (without an error) ends here:
-- what is new may be a verdict, and a verdict never waits.

create function machine.note(_job text) returns void language plpgsql as $$
declare
  _now timestamptz := queue.clock();
begin
  insert into outbox (job_id, wanted_at) values (_job, _now)
  on conflict (job_id) do update
  set version = outbox.version + 1,
      wanted_at = case when outbox.version > outbox.said_version then outbox.wanted_at else _now end,
      not_before = case when outbox.last_error is not null then outbox.not_before end;
  perform pg_notify('outbox', '');
end $$;
