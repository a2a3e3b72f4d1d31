-- What follows when something is on the default branch, or is not any more.

-- machine.merge_job: a push to the default branch is expanded: runs of the same bytes whose heads it brought in are merged,
-- and the catalogue learns what came, moved and went, as of when the push came in. The caller holds the job's row.
--
-- _found: {files, known: [{source_path, layer, name, source_id}], gone: [{path, layer, name}]}: every data source that the
-- touched files have now, and those that they have no more.
create function machine.merge_job(_job text, _found jsonb) returns void language plpgsql as $$
declare
  _j jobs;
  _file record;
begin
  select * into _j from jobs where id = _job;

  update jobs
  set is_merged = true
  where id in (select follows from job_sources where job_id = _job) and is_merged is distinct from true;
  update runs r
  set is_merged = true
  from job_sources s
  where s.job_id = _job and s.follows is not null
    and r.job_id = s.follows and r.source_path = s.source_path and r.layer = s.layer and r.name = s.name
    and r.is_merged is distinct from true;

  for _file in select * from job_files where job_id = _job and change in ('removed', 'renamed') order by position loop
    if _file.change = 'renamed' then
      perform machine.rename_source(_j.datetime_start, _j.github_owner, _j.github_repository, _file.previous_path,
        _file.path, _j.commit_sha);
    else
      perform machine.remove_source(_j.datetime_start, _j.github_owner, _j.github_repository, _file.path,
        'removed by commit ' || left(_j.commit_sha, 7));
    end if;
  end loop;
  update job_files set applied_at = queue.clock() where job_id = _job and change in ('removed', 'renamed');

  perform machine.know_source(_j.datetime_start, _j.github_owner, _j.github_repository, _j.commit_sha,
    coalesce(_found->'known', '[]'));
  perform machine.remove_source(_j.datetime_start, _j.github_owner, _j.github_repository, g->>'path',
    'removed by commit ' || left(_j.commit_sha, 7), g->>'layer', g->>'name')
  from jsonb_array_elements(coalesce(_found->'gone', '[]')) with ordinality as listed (g, n)
  order by n;
end $$;

-- machine.set_merged: whether the commit of a job is on the default branch, as GitHub says now; null when it must be asked
-- again. Its own runs with it.
create function machine.set_merged(_job text, _is_merged boolean) returns void language plpgsql as $$
begin
  update runs set is_merged = _is_merged where job_id = _job and is_merged is distinct from _is_merged;
  update jobs set is_merged = _is_merged where id = _job and is_merged is distinct from _is_merged;
end $$;

-- machine.doubt_merged: a forced push took commits off the default branch: whether their jobs are merged is to be asked
-- again, and until then they count as not merged. Gives how many.
create function machine.doubt_merged(_key text, _commits text[]) returns int language plpgsql as $$
declare
  _job record;
  _count int := 0;
begin
  for _job in
    select id from jobs where repository_key = _key and commit_sha = any (_commits) and is_merged order by id
  loop
    perform machine.set_merged(_job.id, null);
    _count := _count + 1;
  end loop;
  return _count;
end $$;
