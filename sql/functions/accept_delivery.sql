-- machine.accept_delivery: what GitHub sent, into deliveries, jobs and queue events: one statement of the edge,
-- one round trip. The same delivery again gives the first job and changes nothing.
--
--   job_id | created
--
-- _job is {id, event, owner, repository, status_url, comments_url, commit_sha, ref, pull_number}, or null when
-- the event is ignored, and then _ignored says why.

create function machine.accept_delivery(
  _delivery text, _event text, _action text, _payload jsonb, _job jsonb, _ignored text
) returns table (job_id text, created boolean) language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
  _id text := _job->>'id';
begin
  -- The delivery first (its job may come later in the transaction): of two at once the second waits here.
  insert into deliveries (id, event, action, payload, received_at, job_id, ignored)
  values (_delivery, _event, _action, _payload, _now, _id, _ignored)
  on conflict (id) do nothing;
  if not found then
    return query select d.job_id, false from deliveries d where d.id = _delivery;
    return;
  end if;

  if _id is not null then
    insert into jobs (id, event, github_owner, github_repository, github_status_url, github_comments_url,
      commit_sha, ref, pull_number, datetime_start)
    values (_id, _job->>'event', _job->>'owner', _job->>'repository', _job->>'status_url', _job->>'comments_url',
      _job->>'commit_sha', _job->>'ref', (_job->>'pull_number')::int, _now);
    perform queue.put('events', jsonb_build_object('delivery_id', _delivery, 'job_id', _id), 1, null, null,
      'delivery/' || _delivery, 10, 'job/' || _id);
    perform machine.note(_id);
  end if;
  return query select _id, true;
end $$;
