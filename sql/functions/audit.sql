-- machine.audit: somebody decided something: write it down, in the transaction that does it. Gives the number of the row.

create function machine.audit(_who text, _what text, _about text, _why text, _facts jsonb default null)
returns bigint language plpgsql as $$
declare
  _id bigint;
begin
  insert into audit (datetime, who, what, about, why, facts)
  values (queue.clock(), _who, _what, _about, _why, _facts)
  returning id into _id;
  return _id;
end $$;
