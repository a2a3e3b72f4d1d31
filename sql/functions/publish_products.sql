-- Publish files of one product: they, their zips rows and the manifest that lists them become current in one
-- statement, and what they replace becomes past in the same. Read by shared/db/products.ts.
--
-- Two commands may publish at once, and each has made its manifest of what it saw. So the one that saw an
-- older state is told so (null) and makes its manifest again; nothing is ever published that leaves another out.

create function machine.publish_products(
  _seen bigint,       -- the manifest that was current when the new one was made; 0 where there was none
  _product text,
  _ids jsonb,         -- files that become current
  _withdrawn jsonb,   -- names that are offered no longer
  _manifest jsonb     -- edition, key, url, sha256, document
) returns bigint
language plpgsql as $$
declare
  _new bigint[] := array(select value::bigint from jsonb_array_elements_text(_ids));
  _id bigint;
begin
  -- Nobody but us publishes until this is over.
  lock table manifests in share row exclusive mode;
  if _seen is distinct from coalesce((select id from manifests where is_current), 0) then
    return null;
  end if;

  update products
  set is_current = false
  where is_current and product = _product and id <> all (_new)
    and (_withdrawn ? name or name in (select name from products where id = any (_new)));
  update products set is_current = true where id = any (_new) and not is_current;

  -- Zips are the collections as the original listed them; a region has one at most that is current.
  if _product = 'collections' then
    update zips z
    set is_current = false
    where is_current and not exists (
      select from products p where p.is_current and p.product = _product and p.url = z.url)
      and exists (
      select from products p
      where p.product = _product and p.region = z.collection and p.license = z.license_attr
        and (p.id = any (_new) or _withdrawn ? p.name));
    insert into zips (url, datetime, is_current, content_length, address_count, collection, license_attr)
    select url, made_at, true, bytes, rows, region, license
    from products
    where id = any (_new) and name like '%.zip'
    on conflict (url) do update set is_current = true;
  end if;

  update manifests set is_current = false where is_current;
  insert into manifests (edition, key, url, sha256, document, is_current)
  select m.edition, m.key, m.url, m.sha256, m.document, true
  from jsonb_to_record(_manifest) as m (edition text, key text, url text, sha256 text, document text)
  returning id into _id;
  return _id;
end $$;
