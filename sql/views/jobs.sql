-- jobs: every job with its verdict, newest first by sequence. Read by analysts; the JSON columns are the original's.
--
--   id   | status | data_sources | good | bad | open | seconds | task_files              | file_states
--   -----+--------+--------------+------+-----+------+---------+-------------------------+-----------------------
--   4f…  | t      |            7 |    7 |   0 |    0 |      94 | {"3ab…": "sources/…"}   | {"sources/…": true}

create view reports.jobs as
  select j.id,
         j.sequence,
         j.status,
         j.event,
         j.github_owner,
         j.github_repository,
         j.commit_sha,
         j.ref,
         j.pull_number,
         j.is_merged,
         j.datetime_start,
         j.datetime_end,
         extract(epoch from j.datetime_end - j.datetime_start)::int as seconds,
         j.problem,
         count(s.position)::int as data_sources,
         count(*) filter (where s.status)::int as good,
         count(*) filter (where not s.status)::int as bad,
         count(*) filter (where s.position is not null and s.status is null)::int as open,
         coalesce(jsonb_object_agg(s.source_id, s.source_path) filter (where s.position is not null), '{}') as task_files,
         coalesce((
           select jsonb_object_agg(f.source_path, f.status)
           from (
             select source_path,
                    case when bool_or(not status) then false when bool_and(status is not null) then true end as status
             from job_sources
             where job_id = j.id
             group by source_path
           ) as f), '{}') as file_states
  from jobs j
  left join job_sources s on s.job_id = j.id
  group by j.id;
