-- licences: under what the current data stands. Read by analysts and by lawyers.
--
--   license                       | share_alike | attribution_required | sources | rows
--   ------------------------------+-------------+----------------------+---------+--------
--   http://example.com/a-licence  | f           | t                    |      12 | 320000
--
-- license is the text of the source file; null where it says nothing.

create view reports.licences as
  select state->>'license' as license,
         coalesce(state->>'share-alike', '') = 'true' as share_alike,
         coalesce(state->>'attribution required', '') = 'true' as attribution_required,
         count(*)::int as sources,
         coalesce(sum(rows), 0)::bigint as rows
  from reports.current_runs
  where run_id is not null and not is_skipped
  group by 1, 2, 3;
