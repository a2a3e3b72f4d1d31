-- machine.last_accepted: the run whose data is the last good data of a data source, as reports.current_runs says it, but for
-- runs that say to skip, which have no data; null when there is none. Until there is one under its path, that of the path
-- it had before. Held runs have status false, so that they are in no such list without anybody having to think of them.
create function machine.last_accepted(_owner text, _repository text, _path text, _layer text, _name text)
returns int language sql stable as $$
  with known as (
    select formerly, since
    from data_sources
    where owner = _owner and repository = _repository and source_path = _path and layer = _layer and name = _name
  )
  select r.id
  from runs r
  left join jobs j on j.id = r.job_id
  left join sets s on s.id = r.set_id
  where coalesce(j.github_owner, s.owner) = _owner and coalesce(j.github_repository, s.repository) = _repository
    and r.source_path = any (_path || coalesce((select formerly from known), '{}'))
    and r.layer = _layer and r.name = _name
    and machine.is_accepted(r) and r.problem is null and (r.is_merged or j.is_merged)
    -- A new file where another has moved away from: the runs of that one are not its own.
    and (r.source_path <> _path or r.datetime_start >= coalesce((select since from known), '-infinity'))
  order by r.source_path = _path desc, r.id desc
  limit 1
$$;

-- machine.put_verdict: what was said of a run that has just settled. Results of older workers, and copies of their runs,
-- have no verdict: they were accepted before there was one.
create function machine.put_verdict(_settled runs, _verdict jsonb) returns void language plpgsql as $$
begin
  if _verdict->>'verdict' in ('accept', 'hold') then
    insert into verdicts (run_id, verdict, against, reasons, fields, datetime)
    values (_settled.id, _verdict->>'verdict',
      (select id from runs where id = (_verdict->>'against')::int),
      coalesce(_verdict->'reasons', '[]'), coalesce(_verdict->'fields', '[]'), queue.clock());
  end if;
  if _settled.status and _settled.problem is null then
    perform machine.supersede_holds(_settled.id);
  end if;
end $$;

-- machine.supersede_holds: a run is fine: nobody needs to look any more at what was held before it. A run that is merged
-- speaks for its data source; one of a pull request only for that pull request.
create function machine.supersede_holds(_run int) returns void language sql as $$
  update verdicts v
  set superseded_by = _run
  from runs fine
  left join jobs j on j.id = fine.job_id
  left join sets s on s.id = fine.set_id,
  runs held
  left join jobs h on h.id = held.job_id
  left join sets hs on hs.id = held.set_id
  where fine.id = _run and held.id = v.run_id and held.id < fine.id
    and held.source_path = fine.source_path and held.layer = fine.layer and held.name = fine.name
    -- Another repository may have a file of the same path; it says nothing of ours.
    and (coalesce(h.github_owner, hs.owner), coalesce(h.github_repository, hs.repository))
      is not distinct from (coalesce(j.github_owner, s.owner), coalesce(j.github_repository, s.repository))
    and (fine.is_merged or (held.is_merged is not true and h.pull_number = j.pull_number))
    and v.verdict = 'hold' and v.accepted_at is null and v.superseded_by is null
$$;
