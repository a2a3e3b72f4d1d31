-- Sums: how much of the catalogue works, hour by hour. Computed from all current runs, which takes seconds where there are
-- millions of runs; the front page reads the newest row instead.

create table sums (
  hour      timestamptz primary key,
  sources   int not null check (sources >= 0),
  working   int not null check (working between 0 and sources),
  lost      int not null check (lost between 0 and sources),
  rows      bigint not null check (rows >= 0),
  summed_at timestamptz not null
);

comment on table sums is 'How much of the catalogue worked in each hour; written by machine.sum_up.';
comment on column sums.hour is 'The hour in which it was counted.';
comment on column sums.sources is 'Data sources of the default branch.';
comment on column sums.working is 'Those that have data, or say to skip.';
comment on column sums.lost is 'Those of them whose newest run is bad.';
comment on column sums.rows is 'Rows of the current data.';
comment on column sums.summed_at is 'When it was counted; the last count of an hour stays.';
