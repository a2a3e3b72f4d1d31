-- machine.accept_delivery: what GitHub sent, into deliveries, jobs and queue events: one statement of the edge,
-- one round trip. The same delivery again gives the first job and changes nothing.
--
--   job_id | created
--
-- _job is {id, event, owner, repository, status_url, comments_url, commit_sha, ref, pull_number, …}, or null when
-- no job is made: then _ignored says why, or _heard says that the event asks for something.
-- _heard is {understood, asks, repository_id, owner, name, default_branch, ref, sha}: sha is where ref is now, and null
-- where it is gone.

create function machine.accept_delivery(
  _delivery text, _event text, _action text, _payload jsonb, _job jsonb, _ignored text, _heard jsonb default '{}'
) returns table (job_id text, created boolean) language plpgsql as $$
#variable_conflict use_column
declare
  _now timestamptz := queue.clock();
  _id text := _job->>'id';
  _twin text;
begin
  -- The delivery first (its job may come later in the transaction): of two at once the second waits here.
  insert into deliveries (id, event, action, payload, received_at, job_id, ignored, asks, understood)
  values (_delivery, _event, _action, _payload, _now, _id, _ignored,
    coalesce((_heard->>'asks')::boolean, false), _heard->>'understood')
  on conflict (id) do nothing;
  if not found then
    return query select d.job_id, false from deliveries d where d.id = _delivery;
    return;
  end if;
  perform machine.watch(_heard);

  if _id is null then
    if (_heard->>'asks')::boolean then
      perform machine.put_event(_delivery, null);
    end if;
    return query select null::text, true;
    return;
  end if;

  _twin := machine.twin_of(_job);
  if _twin is not null then
    update deliveries set job_id = _twin where id = _delivery;
    -- A pull request that takes over the job of a push has older heads, which are to be stopped.
    perform machine.put_event(_delivery, _twin);
    return query select _twin, false;
    return;
  end if;

  insert into jobs (id, event, github_owner, github_repository, github_status_url, github_comments_url,
    commit_sha, ref, pull_number, datetime_start, repository_id, head_owner, head_repository, default_branch, base_ref,
    base_sha, author)
  values (_id, _job->>'event', _job->>'owner', _job->>'repository', _job->>'status_url', _job->>'comments_url',
    _job->>'commit_sha', _job->>'ref', (_job->>'pull_number')::int, _now, (_job->>'repository_id')::bigint,
    _job->>'head_owner', _job->>'head_repository', _job->>'default_branch', _job->>'base_ref', _job->>'base_sha',
    _job->>'author');
  perform machine.put_event(_delivery, _id);
  perform machine.note(_id);
  return query select _id, true;
end $$;

-- machine.put_event: something to look into, once.
create function machine.put_event(_delivery text, _job text) returns void language plpgsql as $$
begin
  perform queue.put('events', jsonb_build_object('delivery_id', _delivery, 'job_id', _job), 1, null, null,
    'delivery/' || _delivery, 10, 'job/' || _job);
end $$;

-- machine.twin_of: the job that already judges just this, or null. A push to a branch and the pull request from that
-- branch are two events and one commit compared with one base: the pull request takes the job over.
-- Events of one commit go one after the other, or both of two at once would find no twin.
create function machine.twin_of(_job jsonb) returns text language plpgsql as $$
declare
  _key text := coalesce(_job->>'repository_id', lower((_job->>'owner') || '/' || (_job->>'repository')));
  _pull int := (_job->>'pull_number')::int;
  _is_branch boolean := _job->>'ref' is distinct from 'refs/heads/' || (_job->>'default_branch');
  _twin text;
begin
  -- Without it nobody can tell what the commit is compared with.
  if _job->>'default_branch' is null then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtext('machine.twin_of'), hashtext(_key || (_job->>'commit_sha')));
  select id into _twin
  from jobs j
  where j.repository_key = _key and j.commit_sha = _job->>'commit_sha'
    and (j.problem is null or j.problem not in ('superseded', 'cancelled'))
    and case
      when _pull is null and j.pull_number is null then
        -- A branch may come back to where it was, and that is a push of its own; not so one that reconcile made up for,
        -- and whose delivery comes after all.
        j.ref = _job->>'ref' and j.base_sha is not distinct from _job->>'base_sha'
        and exists (select from deliveries d where d.job_id = j.id and d.id like 'push/%')
      when _pull is null then
        _is_branch and j.base_ref = _job->>'default_branch' and j.waits_for is null
      when j.pull_number is null then
        _job->>'base_ref' = j.default_branch and j.ref <> 'refs/heads/' || j.default_branch
      else j.pull_number = _pull and j.base_ref = _job->>'base_ref'
    end
  order by j.sequence desc
  limit 1;

  if _twin is not null and _pull is not null then
    update jobs
    set event = 'pull_request', pull_number = _pull, github_comments_url = _job->>'comments_url',
        base_ref = _job->>'base_ref', base_sha = _job->>'base_sha', author = _job->>'author',
        head_owner = _job->>'head_owner', head_repository = _job->>'head_repository'
    where id = _twin and pull_number is null;
    if found then
      perform machine.note(_twin);
    end if;
  end if;
  return _twin;
end $$;

-- machine.watch: that a repository sends events, what it is called now, and where its branches are.
create function machine.watch(_heard jsonb) returns void language plpgsql as $$
declare
  _key text := coalesce(_heard->>'repository_id', lower((_heard->>'owner') || '/' || (_heard->>'name')));
begin
  if _key is null or _heard->>'default_branch' is null then
    return;
  end if;
  -- Not by "do update" alone: that would lock the one row of the repository for every delivery.
  update watched_repositories
  set owner = _heard->>'owner', name = _heard->>'name', default_branch = _heard->>'default_branch'
  where repository_key = _key
    and (owner, name, default_branch) is distinct from (_heard->>'owner', _heard->>'name', _heard->>'default_branch');
  insert into watched_repositories (repository_key, owner, name, default_branch, since)
  values (_key, _heard->>'owner', _heard->>'name', _heard->>'default_branch', queue.clock())
  on conflict (repository_key) do nothing;

  if _heard->>'ref' is not null then
    perform machine.know_head(_key, _heard->>'ref', _heard->>'sha');
  end if;
end $$;

-- machine.know_head: where a branch is; null when it is gone.
create function machine.know_head(_key text, _ref text, _sha text) returns void language plpgsql as $$
begin
  if _sha is null then
    delete from branch_heads where repository_key = _key and ref = _ref;
  else
    insert into branch_heads (repository_key, ref, sha, seen_at) values (_key, _ref, _sha, queue.clock())
    on conflict (repository_key, ref) do update set sha = excluded.sha, seen_at = excluded.seen_at;
  end if;
end $$;
