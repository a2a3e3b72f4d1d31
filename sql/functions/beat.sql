-- machine.beat: a worker lives: its lease is renewed and a heartbeat is put, by the clock of the database.
-- False when the run is no longer the worker's: then it ends its child and uploads nothing more.

create function machine.beat(_worker text, _version text, _task bigint, _attempt int, _run int, _lease interval)
returns boolean language plpgsql as $$
begin
  perform machine.put_heartbeat(_worker, _run, _version);
  if not exists (select from queue.extend(array[_task], array[_attempt], _lease)) then
    return false;
  end if;
  -- Swept, and taken back before another had it: this attempt counts again.
  update runs set abandoned_at = null, abandoned_why = null where id = _run and abandoned_at is not null and status is null;
  return true;
end $$;

-- machine.put_heartbeat: a ping, with or without a run.
create function machine.put_heartbeat(_worker text, _run int, _version text) returns void language plpgsql as $$
begin
  perform queue.put('heartbeat', jsonb_build_object('worker_id', _worker, 'run_id', _run, 'version', _version));
end $$;

-- machine.take_heartbeats: from the queue into the table, up to _n at once. Gives how many.
-- The time is the item's own: after an outage of the dequeuer a dead worker does not look alive.
-- A ping that nobody of this house has put, and that names no worker, is dropped, not stumbled over for ever.
create function machine.take_heartbeats(_n int default 500) returns int language plpgsql as $$
declare
  _taken int;
begin
  with taken as (
    delete from queue.items
    where id = any (array(
      select id from queue.items
      where q_name = 'heartbeat' and dequeued_at is null
      order by lane, order_at, id
      limit _n
      for update skip locked))
    returning id, enqueued_at, data
  ), newest as (
    select distinct on (data->>'worker_id') data, enqueued_at as at
    from taken
    where data->>'worker_id' is not null
    order by data->>'worker_id', enqueued_at desc
  ), kept as (
    insert into heartbeats (worker_id, datetime, run_id, version)
    select data->>'worker_id', at, machine.run_of(data), data->>'version'
    from newest
    order by data->>'worker_id'
    on conflict (worker_id) do update
    set datetime = excluded.datetime, run_id = excluded.run_id, version = excluded.version
    where heartbeats.datetime <= excluded.datetime
  )
  select count(*) into _taken from taken;
  return _taken;
end $$;

-- machine.tell_progress: where a run stands, for people who watch. The run is held meanwhile, or a word that crosses
-- the settling of its run would stay for ever.
create function machine.tell_progress(_run int, _progress jsonb) returns void language plpgsql as $$
begin
  insert into run_progress (run_id, progress, at)
  select id, _progress, queue.clock() from runs where id = _run and status is null and abandoned_at is null for share
  on conflict (run_id) do update set progress = excluded.progress, at = excluded.at;
end $$;
