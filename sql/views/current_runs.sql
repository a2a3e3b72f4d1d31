-- current_runs: the data sources that the default branch has now, each with the run whose data is current. Read by every
-- product (shared/db/current.ts), by pages and by analysts.
--
--   source_path       | layer     | name | run_id | files_run_id | rows | is_up_to_date | newest_run_id | newest_status
--   ------------------+-----------+------+--------+--------------+------+---------------+---------------+--------------
--   sources/de/x.json | addresses | city |    812 |          640 | 3200 | t             |           812 | t
--
-- Current is the last accepted run (machine.is_accepted) that is merged, of a set or of a push; until there is one under its
-- path, that of the path it had before. run_id is null where nothing was ever accepted. A reused result has its files in
-- files_run_id. newest_* is the last settled merged run, so that what fails now can be told from what is current.

create view reports.current_runs as
  select d.owner,
         d.repository,
         d.source_path,
         d.layer,
         d.name,
         d.source_id,
         d.commit_sha,
         d.seen_at,
         d.formerly,
         r.id as run_id,
         coalesce(r.copy_of, r.id) as files_run_id,
         r.source_path as run_source_path,
         (r.state->>'feat count')::bigint as rows,
         coalesce(r.problem = 'skipped', false) as is_skipped,
         coalesce(r.source_id = d.source_id, false) as is_up_to_date,
         r.state,
         r.set_id,
         r.job_id,
         r.datetime_tz as settled_at,
         n.id as newest_run_id,
         n.status as newest_status,
         n.problem as newest_problem
  from data_sources d
  left join lateral (
    select x.id
    from runs x
    left join jobs j on j.id = x.job_id
    left join sets s on s.id = x.set_id
    where x.source_path = d.source_path and x.layer = d.layer and x.name = d.name
      and machine.is_accepted(x) and (x.is_merged or j.is_merged) and (d.since is null or x.datetime_start >= d.since)
      and coalesce(j.github_owner, s.owner) = d.owner and coalesce(j.github_repository, s.repository) = d.repository
    order by x.id desc
    limit 1) as own on true
  left join lateral (
    select x.id
    from runs x
    left join jobs j on j.id = x.job_id
    left join sets s on s.id = x.set_id
    where own.id is null and d.formerly <> '{}'
      and x.source_path = any (d.formerly) and x.layer = d.layer and x.name = d.name
      and machine.is_accepted(x) and (x.is_merged or j.is_merged)
      and coalesce(j.github_owner, s.owner) = d.owner and coalesce(j.github_repository, s.repository) = d.repository
    order by x.id desc
    limit 1) as former on true
  left join runs r on r.id = coalesce(own.id, former.id)
  left join lateral (
    select x.id, x.status, x.problem
    from runs x
    left join jobs j on j.id = x.job_id
    left join sets s on s.id = x.set_id
    where x.source_path = d.source_path and x.layer = d.layer and x.name = d.name
      and x.status is not null and (x.is_merged or j.is_merged) and (d.since is null or x.datetime_start >= d.since)
      and coalesce(j.github_owner, s.owner) = d.owner and coalesce(j.github_repository, s.repository) = d.repository
    order by x.id desc
    limit 1) as n on true
  where d.removed_at is null;
