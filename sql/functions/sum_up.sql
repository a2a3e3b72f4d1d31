-- machine.sum_up: count the catalogue for this hour, and mark the runs whose data is current. Safe to do twice, and by two at once: the
-- row of the hour is written once more. Gives how many marks have changed.
create function machine.sum_up() returns int language plpgsql as $$
declare
  _marked int;
  _unmarked int;
begin
  perform pg_advisory_xact_lock(hashtext('machine.sum_up'));
  create temporary table current_now on commit drop as
    select run_id, rows, newest_status from reports.current_runs;

  -- Two updates, since each of them has its index; one with "or" would read every run.
  update runs r set for_index_page = false
  where r.for_index_page and not exists (select from current_now c where c.run_id = r.id);
  get diagnostics _unmarked = row_count;
  update runs r set for_index_page = true
  from current_now c
  where r.id = c.run_id and not r.for_index_page;
  get diagnostics _marked = row_count;

  insert into sums (hour, sources, working, lost, rows, summed_at)
  select date_trunc('hour', queue.clock()), count(*), count(run_id), count(run_id) filter (where not newest_status),
    coalesce(sum(rows), 0), queue.clock()
  from current_now
  on conflict (hour) do update
  set sources = excluded.sources, working = excluded.working, lost = excluded.lost, rows = excluded.rows,
      summed_at = excluded.summed_at;
  return _marked + _unmarked;
end $$;
