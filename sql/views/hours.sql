-- hours: how much of the catalogue worked, hour by hour, as sum-up-data counted it. Read by the front page, which shows the newest,
-- and by analysts.
--
--   hour             | sources | working | lost | rows      | summed_at
--   -----------------+---------+---------+------+-----------+--------------------
--   2026-11-25 12:00 |    4862 |    4100 |  120 | 610000000 | 2026-11-25 12:00:04

create view reports.hours as
  select hour, sources, working, lost, rows, summed_at
  from sums;
