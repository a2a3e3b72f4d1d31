-- What people ask for in a pull request, and what waits for them.

-- machine.finish_ask: an event that asked for something is decided: finished, written down, and answered; all or nothing.
-- False when the lease was lost. _replies: [{owner, repository, pull_number, comment_id, kind, content}].
create function machine.finish_ask(
  _item bigint, _attempt int, _delivery text, _decided text, _job text, _replies jsonb
) returns boolean language plpgsql as $$
begin
  if not queue.finish(_item, _attempt) then
    return false;
  end if;
  update deliveries
  set decided = _decided, decided_at = queue.clock(), job_id = coalesce(job_id, _job)
  where id = _delivery and decided_at is null;
  perform machine.reply(_delivery, _job, _replies);
  return true;
end $$;

-- machine.reply: words for people, to be said by the reporter; each once for an event.
create function machine.reply(_delivery text, _job text, _replies jsonb) returns void language plpgsql as $$
begin
  insert into replies (delivery_id, job_id, owner, repository, pull_number, comment_id, kind, content, wanted_at)
  select _delivery, _job, r->>'owner', r->>'repository', (r->>'pull_number')::int, (r->>'comment_id')::bigint, r->>'kind',
    r->>'content', queue.clock()
  from jsonb_array_elements(_replies) with ordinality as listed (r, n)
  order by n
  on conflict (delivery_id, comment_id, kind, content) do nothing;
  if found then
    perform pg_notify('outbox', '');
  end if;
end $$;

-- machine.wait_job: a job waits: for approval until somebody gives it, or for a time. False when the lease was lost.
create function machine.wait_job(_item bigint, _attempt int, _job text, _for text, _why text, _in interval)
returns boolean language plpgsql as $$
begin
  if _in is null then
    if not queue.finish(_item, _attempt) then
      return false;
    end if;
  else
    -- Not a failure: however long it waits, it is not given up.
    update queue.items
    set dequeued_at = null, lease_until = null, worker_id = null, schedule_at = queue.clock() + _in
    where id = _item and attempt = _attempt and lease_until is not null;
    if not found then
      return false;
    end if;
  end if;

  update jobs set waits_for = _for, waits_why = _why
  where id = _job and datetime_end is null and expanded_at is null
    and (waits_for, waits_why) is distinct from (_for, _why);
  if found then
    perform machine.note(_job);
  end if;
  return true;
end $$;

-- machine.approve: a pull request is approved for good; what waited for that goes on. Gives the jobs that do.
create function machine.approve(_key text, _pull int, _who text, _delivery text) returns setof text language plpgsql as $$
declare
  _job text;
begin
  insert into approvals (repository_key, pull_number, approved_by, delivery_id, approved_at)
  values (_key, _pull, _who, _delivery, queue.clock())
  on conflict do nothing;

  for _job in
    update jobs
    set waits_for = null, waits_why = null
    where repository_key = _key and pull_number = _pull and datetime_end is null and waits_for = 'approval'
    returning id
  loop
    perform machine.put_event('approved/' || _job, _job);
    perform machine.note(_job);
    return next _job;
  end loop;
end $$;

-- machine.ask_again: the same as a job, once more. _only: the sources that are wanted; null for all.
create function machine.ask_again(_delivery text, _job text, _only text[], _who text) returns text language plpgsql as $$
declare
  _id text := gen_random_uuid();
begin
  insert into jobs (id, event, github_owner, github_repository, github_status_url, github_comments_url, commit_sha, ref,
    pull_number, datetime_start, repository_id, head_owner, head_repository, default_branch, base_ref, base_sha, merge_base,
    author, rerun, only_paths, asked_by)
  select _id, event, github_owner, github_repository, github_status_url, github_comments_url, commit_sha, ref,
    pull_number, queue.clock(), repository_id, head_owner, head_repository, default_branch, base_ref, base_sha, merge_base,
    author, true, _only, _who
  from jobs
  where id = _job;
  perform queue.put('events', jsonb_build_object('delivery_id', _delivery, 'job_id', _id), 1, null, null, 'job/' || _id, 10,
    'job/' || _id);
  perform machine.note(_id);
  return _id;
end $$;

-- machine.accept_held: a person takes the held runs of one source of a job for good. Gives how many were held.
create function machine.accept_held(_job text, _path text, _who text, _why text) returns int language plpgsql as $$
declare
  _held record;
  _count int := 0;
begin
  for _held in
    select s.run_id from job_sources s
    where s.job_id = _job and s.source_path = _path and s.status = false and s.run_id is not null
    order by s.run_id
  loop
    if machine.accept_run(_held.run_id, _who, _why) = 'accepted' then
      _count := _count + 1;
    end if;
  end loop;
  return _count;
end $$;
