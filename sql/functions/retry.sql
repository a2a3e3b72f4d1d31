-- Things that people try again. Each writes down who, what and why, in the transaction that does it.
--
-- What has ended stays as it ended: to retry is to make a new job of the same commit. What was good is reused there, what
-- failed is run again, and the new job says its own verdict to GitHub.

-- machine.retry_job: gives how many data sources the new job has; null where there is no such job, -1 while it still goes.
-- _rerun: a run of it that is to be worked on again even where it was good; null for none.
create function machine.retry_job(_job text, _new text, _rerun int, _who text, _why text) returns int language plpgsql as $$
declare
  _sources jsonb;
  _ended timestamptz;
begin
  select datetime_end into _ended from jobs where id = _job;
  if not found then
    return null;
  elsif _ended is null then
    return -1;
  end if;

  insert into jobs (id, event, github_owner, github_repository, github_status_url, github_comments_url, commit_sha, ref,
    pull_number, datetime_start, repository_id, head_owner, head_repository, default_branch, base_ref, base_sha, author, asked_by)
  select _new, event, github_owner, github_repository, github_status_url, github_comments_url, commit_sha, ref,
    pull_number, queue.clock(), repository_id, head_owner, head_repository, default_branch, base_ref, base_sha, author, _who
  from jobs
  where id = _job;

  select coalesce(jsonb_agg(machine.source_again(s.run_id, coalesce(s.run_id = _rerun, false)) order by s.position), '[]')
  into _sources
  from job_sources s
  where s.job_id = _job;

  perform machine.begin_job(_new, _sources, (select is_merged from jobs where id = _job));
  perform machine.audit(_who, 'retry', 'job ' || _job, _why, jsonb_build_object('job', _new));
  return jsonb_array_length(_sources);
end $$;

-- machine.retry_run: a run of a job tries its whole job again, because the verdict is the job's; a run of a set gets a job
-- of its own, which says nothing to GitHub. Gives as machine.retry_job does.
create function machine.retry_run(_run int, _new text, _who text, _why text) returns int language plpgsql as $$
declare
  _old runs;
begin
  select * into _old from runs where id = _run;
  if not found then
    return null;
  elsif _old.job_id is not null then
    return machine.retry_job(_old.job_id, _new, _run, _who, _why);
  elsif _old.status is null and _old.abandoned_at is null then
    return -1;
  end if;

  insert into jobs (id, event, github_owner, github_repository, commit_sha, datetime_start, asked_by)
  select _new, 'retry', s.owner, s.repository, coalesce(_old.commit_sha, s.commit_sha), queue.clock(), _who
  from sets s
  where s.id = _old.set_id;
  perform machine.begin_job(_new, jsonb_build_array(machine.source_again(_run, true)), _old.is_merged);
  perform machine.audit(_who, 'retry', 'run ' || _run, _why, jsonb_build_object('job', _new));
  return 1;
end $$;

-- machine.source_again: a data source of a job, as machine.expand_job wants it, from a run of it. The file is the run's, or
-- that of its dead task; where there is none the file itself was at fault, and still is.
create function machine.source_again(_run int, _rerun boolean) returns jsonb language sql stable as $$
  select jsonb_build_object('source_path', r.source_path, 'source_id', r.source_id, 'layer', r.layer, 'name', r.name)
    || case
      when r.source_data is null and d.data is null then
        jsonb_build_object('problem', coalesce(r.problem, 'internal'), 'detail', coalesce(r.problem_detail, ''))
      else jsonb_build_object('task', jsonb_build_object(
        'set_id', null, 'name', r.source_path, 'layer', r.layer, 'layersource', r.name, 'file_id', r.source_id,
        'commit_sha', r.commit_sha, 'rerun', _rerun,
        -- What was good without a picture is good enough again.
        'render_preview', not coalesce(r.status and r.state->>'preview' is null, false),
        'content_b64', coalesce(replace(encode(r.source_data, 'base64'), E'\n', ''), d.data->>'content_b64')))
    end
  from runs r
  left join queue.dead d on d.id = r.task_id and d.q_name = 'tasks'
  where r.id = _run
$$;

-- machine.begin_job: a job whose data sources are known already goes the way of all jobs, with an event that is done.
create function machine.begin_job(_job text, _sources jsonb, _is_merged boolean) returns void language plpgsql as $$
declare
  _item bigint := queue.put('events', '{}', 1, null, null, 'again/' || _job);
begin
  perform machine.note(_job);
  update queue.items
  set attempt = 1, dequeued_at = queue.clock(), lease_until = queue.clock() + interval '1 minute', worker_id = 'retry'
  where id = _item;
  perform machine.expand_job(_item, 1, _job, _sources, _is_merged);
end $$;

-- machine.redrive: a dead item has another chance. An event goes back, and its job is open again; what belongs to a run
-- that has ended is retried as a new job; anything else goes back as it was. Gives what was done (back, retried), or why
-- nothing was (no-such-item, no-run).
create function machine.redrive(_id bigint, _new text, _who text, _why text) returns text language plpgsql as $$
declare
  _dead queue.dead;
  _run int;
  _done text := 'back';
begin
  select * into _dead from queue.dead where id = _id for update;
  if not found then
    return 'no-such-item';
  end if;

  if _dead.q_name in ('tasks', 'done', 'due') then
    _run := coalesce(machine.run_of(_dead.data), (select max(id) from runs where task_id = _id));
    if _run is null or machine.retry_run(_run, _new, _who, _why) is null then
      return 'no-run';
    end if;
    _done := 'retried';
  else
    if _dead.q_name = 'events' then
      update jobs
      set status = null, datetime_end = null, problem = null, problem_detail = null
      where id = _dead.data->>'job_id' and expanded_at is null and problem is not null;
      if found then
        perform machine.note(_dead.data->>'job_id');
      end if;
    end if;
    -- Under its old id, and with its attempts: who held it before it died is fenced as ever.
    insert into queue.items (id, q_name, data, lane, attempt, enqueued_at, max_failures, dedupe_key, group_key, class)
    values (_dead.id, _dead.q_name, _dead.data, _dead.lane, _dead.attempt, _dead.enqueued_at, coalesce(_dead.max_failures, 3),
      _dead.dedupe_key, _dead.group_key, _dead.class);
  end if;
  delete from queue.dead where id = _id;
  perform machine.audit(_who, 'redrive', 'item ' || _id, _why, jsonb_build_object('queue', _dead.q_name, 'error', _dead.last_error));
  return _done;
end $$;
