-- What the default branch has: data_sources is kept by pushes as they come, and set right by every set over the branch.
--
-- Each word has a time: when the push came in, or when the tree was asked for. What is older than what is known changes
-- nothing, so that a late run of an old push does not bring back what was removed since.

-- machine.hold_catalogue: one at a time speaks of a repository, until the end of its transaction: pushes and sets touch many
-- rows, each in an order of its own.
create function machine.hold_catalogue(_owner text, _repository text) returns void language sql as $$
  select pg_advisory_xact_lock(hashtext('machine.data_sources'), hashtext(_owner || '/' || _repository))
$$;

-- machine.know_source: it is there, as of a time.
create function machine.know_source(_at timestamptz, _owner text, _repository text, _commit text, _listed jsonb)
returns void language plpgsql as $$
begin
  perform machine.hold_catalogue(_owner, _repository);
  insert into data_sources (owner, repository, source_path, layer, name, source_id, commit_sha, seen_at)
  select _owner, _repository, s->>'source_path', s->>'layer', s->>'name', s->>'source_id', _commit, _at
  from jsonb_array_elements(_listed) as listed (s)
  where s->>'layer' <> ''
  order by s->>'source_path', s->>'layer', s->>'name'
  on conflict (owner, repository, source_path, layer, name) do update
  set source_id = excluded.source_id, commit_sha = excluded.commit_sha, seen_at = excluded.seen_at,
      -- A new file where one has moved away from: the runs of that one are not its own.
      since = case when data_sources.removed_why like 'renamed to %' then excluded.seen_at else data_sources.since end,
      removed_at = null, removed_why = null
  where data_sources.seen_at <= excluded.seen_at
    and (data_sources.removed_at is null or data_sources.removed_at <= excluded.seen_at);
end $$;

-- machine.remove_source: a merged push took it away, as of a time: the whole file, or one data source of it. Gives how many
-- data sources went.
create function machine.remove_source(
  _at timestamptz, _owner text, _repository text, _path text, _why text, _layer text default null, _name text default null
) returns int language plpgsql as $$
declare
  _gone int;
begin
  perform machine.hold_catalogue(_owner, _repository);
  update data_sources
  set removed_at = _at, removed_why = _why
  where owner = _owner and repository = _repository and source_path = _path
    and (_layer is null or layer = _layer) and (_name is null or name = _name)
    and removed_at is null and seen_at <= _at;
  get diagnostics _gone = row_count;
  return _gone;
end $$;

-- machine.rename_source: a merged push moved a file, as of a time: its data sources go on under the new path, and remember
-- the old one. A data source that the new file has no more is told of by machine.remove_source. Gives how many moved.
create function machine.rename_source(
  _at timestamptz, _owner text, _repository text, _from text, _to text, _commit text
) returns int language plpgsql as $$
declare
  _moved int;
begin
  perform machine.hold_catalogue(_owner, _repository);
  insert into data_sources (owner, repository, source_path, layer, name, source_id, commit_sha, seen_at, formerly)
  select owner, repository, _to, layer, name, source_id, _commit, _at, formerly || source_path
  from data_sources
  where owner = _owner and repository = _repository and source_path = _from and removed_at is null and seen_at <= _at
  order by layer, name
  on conflict (owner, repository, source_path, layer, name) do update
  set formerly = data_sources.formerly || array(
        select path
        from unnest(excluded.formerly) as path
        where path <> excluded.source_path and path <> all (data_sources.formerly)),
      seen_at = greatest(data_sources.seen_at, excluded.seen_at), removed_at = null, removed_why = null
  where data_sources.removed_at is null or data_sources.removed_at <= excluded.seen_at;
  get diagnostics _moved = row_count;
  perform machine.remove_source(_at, _owner, _repository, _from, 'renamed to ' || _to);
  return _moved;
end $$;

-- machine.know_set: the manifest of a set over the default branch is the whole truth as of a time: what is in it is there,
-- what is not is gone. A file that moved unchanged is a rename. A file that cannot be read keeps what it had: a slip in
-- its JSON takes no data from the world.
create function machine.know_set(_set int, _at timestamptz) returns void language plpgsql as $$
declare
  _s sets;
  _move record;
begin
  select * into _s from sets where id = _set;
  perform machine.hold_catalogue(_s.owner, _s.repository);

  for _move in
    select old.source_path as from_path, new.source_path as to_path
    from (
      select distinct source_id, source_path
      from data_sources d
      where owner = _s.owner and repository = _s.repository and removed_at is null and seen_at <= _at
        and not exists (select from set_sources x where x.set_id = _set and x.source_path = d.source_path)) as old
    join (
      select distinct source_id, source_path
      from set_sources x
      where set_id = _set
        and not exists (
          select from data_sources d
          where d.owner = _s.owner and d.repository = _s.repository and d.source_path = x.source_path
            and d.removed_at is null)) as new
      using (source_id)
    -- Of copies nobody can say which became which.
    where 1 = (
      select count(distinct y.source_path) from set_sources y where y.set_id = _set and y.source_id = new.source_id)
    order by 1, 2
  loop
    perform machine.rename_source(_at, _s.owner, _s.repository, _move.from_path, _move.to_path, _s.commit_sha);
  end loop;

  perform machine.know_source(_at, _s.owner, _s.repository, _s.commit_sha, coalesce((
    select jsonb_agg(jsonb_build_object('source_path', source_path, 'layer', layer, 'name', name, 'source_id', source_id))
    from set_sources
    where set_id = _set), '[]'));

  update data_sources d
  set removed_at = _at, removed_why = 'not in set ' || _set
  where d.owner = _s.owner and d.repository = _s.repository and d.removed_at is null and d.seen_at <= _at
    and not exists (
      select from set_sources x
      where x.set_id = _set and x.source_path = d.source_path
        and (x.layer = '' or (x.layer = d.layer and x.name = d.name)));
end $$;

-- machine.know_job: the data sources of a job whose commit is on the default branch are there as of when it came in.
create function machine.know_job(_job text) returns void language plpgsql as $$
begin
  perform machine.know_source(j.datetime_start, j.github_owner, j.github_repository, j.commit_sha, s.listed)
  from jobs j
  cross join lateral (
    select jsonb_agg(jsonb_build_object('source_path', source_path, 'layer', layer, 'name', name, 'source_id', source_id)) as listed
    from job_sources
    where job_id = j.id) as s
  where j.id = _job and j.is_merged and s.listed is not null;
end $$;

-- Whoever makes the data sources of a job, or learns later that it was merged, makes them known by that.
create function machine.know_new_sources() returns trigger language plpgsql as $$
begin
  perform machine.know_job(job_id) from (select distinct job_id from inserted) as new;
  return null;
end $$;

create trigger job_sources_known
  after insert on job_sources referencing new table as inserted
  for each statement execute function machine.know_new_sources();

create function machine.know_merged_job() returns trigger language plpgsql as $$
begin
  perform machine.know_job(new.id);
  return null;
end $$;

create trigger jobs_merged
  after update of is_merged on jobs
  for each row when (new.is_merged and not coalesce(old.is_merged, false))
  execute function machine.know_merged_job();

-- machine.is_accepted: whether the result of a run may be current: the one place where that is said. Good, and given up by
-- nobody. A good run that says to skip is accepted: its author has said that there is nothing to use.
create function machine.is_accepted(_run runs) returns boolean language sql stable as $$
  select _run.status is true and _run.abandoned_at is null
$$;
