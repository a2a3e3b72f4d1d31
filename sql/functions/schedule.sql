-- The schedule: a row is lent to one scheduler while its command runs. Every deed is one statement, so that any number of
-- schedulers can share a table behind a pooler; the next start is handed in, because Postgres does not read cron.

-- machine.claim_start: the row is ours for this start, or null: another has it, or has started it already.
-- _seen is the next_start that we saw, in milliseconds, as programs have it; null starts it by hand, whatever it is, and leaves its next start.
create function machine.claim_start(
  _name text, _seen timestamptz, _next timestamptz, _runner text, _lease interval
) returns int language plpgsql as $$
declare
  _now timestamptz := queue.clock();
  _attempt int;
begin
  update schedule
  set lease_until = _now + _lease, runner = _runner, attempt = attempt + 1, starts = starts + 1, last_start = _now,
      next_start = case when _seen is null then next_start else _next end
  where name = _name and runner is null and (_seen is null or date_trunc('milliseconds', next_start) = _seen)
  returning attempt into _attempt;
  return _attempt;
end $$;

-- machine.beat_start: it still runs. False when it is no longer ours: then its command is ended.
create function machine.beat_start(_name text, _attempt int, _lease interval) returns boolean language plpgsql as $$
begin
  update schedule set lease_until = queue.clock() + _lease where name = _name and attempt = _attempt and runner is not null;
  return found;
end $$;

-- machine.end_start: it has ended. What its runner was told to stop is due again at once. False when it was no longer ours.
create function machine.end_start(_name text, _attempt int, _outcome text, _detail text) returns boolean language plpgsql as $$
begin
  update schedule
  set lease_until = null, runner = null, last_end = queue.clock(), outcome = _outcome, detail = _detail,
      failures = case when _outcome = 'done' then 0 when _outcome = 'stopped' then failures else failures + 1 end,
      next_start = case when _outcome = 'stopped' then queue.clock() else next_start end
  where name = _name and attempt = _attempt and runner is not null;
  return found;
end $$;

-- machine.lose_starts: runners that were not heard of in time. What they ran is due again at once, but not for ever: what
-- kills its runner each time waits for its time. Nothing is lost while Postgres has just come back. Gives the names.
create function machine.lose_starts(_grace interval) returns setof text language plpgsql as $$
begin
  if pg_postmaster_start_time() > clock_timestamp() - _grace then
    return;
  end if;
  return query
  update schedule
  set lease_until = null, runner = null, last_end = queue.clock(), outcome = 'lost',
      detail = 'nobody heard of ' || runner || ' any more', failures = failures + 1,
      next_start = case when failures < 3 then queue.clock() else next_start end
  where name = any (array(
    select s.name from schedule s where s.lease_until < queue.clock() order by s.name for update skip locked))
  returning name;
end $$;
