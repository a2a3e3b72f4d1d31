-- Sets: made whole or not at all, paused, resumed, cancelled. How their tasks get into the queue is drip.sql; how their
-- runs settle, and the set with the last of them, is settle.sql.

-- machine.open_set: a set to be filled in the same transaction; or no id, and the set of the same repository that still
-- goes. Of two at once the second waits here for the first.
create function machine.open_set(
  _owner text, _repository text, _ref text, _commit text, _is_merged boolean, _anyway boolean
) returns table (id int, running int) language plpgsql as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtext('machine.open_set'), hashtext(lower(_owner || '/' || _repository)));
  select s.id into running
  from sets s
  where s.owner = _owner and s.repository = _repository and s.datetime_end is null
  order by s.id
  limit 1;
  if running is null or _anyway then
    insert into sets (owner, repository, ref, commit_sha, is_merged, datetime_start)
    values (_owner, _repository, _ref, _commit, _is_merged, queue.clock())
    returning sets.id into id;
  end if;
  return next;
end $$;

-- machine.add_set_sources: some of the manifest, from a position on.
--
-- _sources: [{source_path, source_id, layer, name, expected_seconds, task}] in order, or with {problem, detail} instead of
-- a task where the file itself is at fault: that is a verdict at once, as a run without a task.
create function machine.add_set_sources(_set int, _position int, _sources jsonb) returns void language plpgsql as $$
declare
  _now timestamptz := queue.clock();
begin
  with listed as (
    select n, s from jsonb_array_elements(_sources) with ordinality as listed (s, n)
  ), broken as (
    insert into runs (source_path, source_id, layer, name, set_id, commit_sha, is_merged, datetime_start, datetime_tz,
      status, problem, problem_detail)
    select l.s->>'source_path', l.s->>'source_id', l.s->>'layer', l.s->>'name', _set, x.commit_sha, x.is_merged, _now, _now,
      false, l.s->>'problem', l.s->>'detail'
    from listed l
    join sets x on x.id = _set
    where not l.s ? 'task'
    returning id, source_path, layer, name
  )
  insert into set_sources (set_id, position, source_path, source_id, layer, name, task, expected_seconds, released_at,
    run_id, status)
  select _set, _position + l.n - 1, l.s->>'source_path', l.s->>'source_id', l.s->>'layer', l.s->>'name',
    coalesce(l.s->'task', '{}'), (l.s->>'expected_seconds')::real, case when b.id is not null then _now end,
    b.id, case when b.id is not null then false end
  from listed l
  left join broken b on b.source_path = l.s->>'source_path' and b.layer = l.s->>'layer' and b.name = l.s->>'name'
  order by l.n;
end $$;

-- machine.start_set: its manifest is complete. _read_at: since when its commit is known; what the default branch has is
-- true as of then.
create function machine.start_set(_set int, _read_at timestamptz) returns void language plpgsql as $$
begin
  if (select is_merged from sets where id = _set) then
    perform machine.know_set(_set, _read_at);
  end if;
  update sets
  set datetime_end = queue.clock()
  where id = _set and not exists (select from set_sources s where s.set_id = _set and s.status is null);
end $$;

-- machine.pause_set, resume_set: whether it changed anything. What is in the queue goes on either way.
create function machine.pause_set(_set int) returns boolean language plpgsql as $$
begin
  update sets set paused_at = queue.clock()
  where id = _set and datetime_end is null and cancelled_at is null and paused_at is null;
  return found;
end $$;

create function machine.resume_set(_set int) returns boolean language plpgsql as $$
begin
  update sets set paused_at = null where id = _set and datetime_end is null and cancelled_at is null and paused_at is not null;
  return found;
end $$;

-- machine.cancel_set: nothing more of it is released. What it has in the queue is ended by machine.end_cancelled, in
-- another transaction: here the set's row is held, and tasks are locked before sets.
create function machine.cancel_set(_set int) returns boolean language plpgsql as $$
begin
  update sets set cancelled_at = queue.clock() where id = _set and datetime_end is null and cancelled_at is null;
  return found;
end $$;

-- machine.end_cancelled: the tasks of cancelled sets leave the queue; who works on one hears so at the next beat. Then the
-- sets are over. A run that was handed in already is settled as it is. Called by who cancels, and by the drip, so that
-- a death in between leaves nothing pending. Gives how many tasks were waiting, and how many were being worked on.
create function machine.end_cancelled() returns table (waiting int, running int) language plpgsql as $$
declare
  _set int;
  _task record;
begin
  waiting := 0;
  running := 0;
  for _set in select id from sets where cancelled_at is not null and datetime_end is null order by id loop
    for _task in
      select id, dequeued_at
      from queue.items
      where q_name = 'tasks' and group_key = 'set/' || _set
      order by id
      for update
    loop
      delete from queue.items where id = _task.id;
      perform machine.forget_due(r.id), machine.abandon(r.id, 'cancelled: its set was')
      from runs r
      where r.task_id = _task.id and r.status is null and r.abandoned_at is null
        and not exists (select from queue.items d where d.q_name = 'done' and d.dedupe_key = 'run/' || r.id);
      waiting := waiting + (_task.dequeued_at is null)::int;
      running := running + (_task.dequeued_at is not null)::int;
    end loop;
    update sets set datetime_end = queue.clock() where id = _set and datetime_end is null;
  end loop;
  return next;
end $$;

-- machine.known_seconds: how long the last real run of each of some data sources took, good or bad: what timed out last
-- time had better begin early.
create function machine.known_seconds(_listed jsonb)
returns table (source_path text, layer text, name text, seconds float8) language sql stable as $$
  select l.s->>'source_path', l.s->>'layer', l.s->>'name', extract(epoch from r.datetime_tz - r.datetime_start)::float8
  from jsonb_array_elements(_listed) as l (s)
  cross join lateral (
    select x.datetime_tz, x.datetime_start
    from runs x
    where x.source_path = l.s->>'source_path' and x.layer = l.s->>'layer' and x.name = l.s->>'name'
      and x.status is not null and x.copy_of is null and x.task_id is not null
    order by x.id desc
    limit 1) as r
$$;
