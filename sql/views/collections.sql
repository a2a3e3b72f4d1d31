-- collections: what the world downloads now, and how it differs from the edition before. Read by analysts and operators.
--
--   product    | name      | region | license | edition    | bytes   | rows    | sources | rows_before | made_at
--   -----------+-----------+--------+---------+------------+---------+---------+---------+-------------+-----------
--   collection | europe-sa | europe | sa      | 2026-11-25 | 9000000 | 1200000 |      40 |     1190000 | 2026-11-25

create view reports.collections as
  select p.product, p.name, p.region, p.license, p.edition, p.url, p.bytes, p.sha256, p.rows, p.sources,
         before.rows as rows_before,
         p.data_date,
         p.made_at
  from products p
  left join lateral (
    select x.rows
    from products x
    where x.product = p.product and x.name = p.name and x.id < p.id
    order by x.id desc
    limit 1) as before on true
  where p.is_current;
