-- Zips: the collections that the world downloads.

create table zips (
  url            text primary key,
  datetime       timestamptz not null,
  is_current     boolean not null,
  content_length bigint check (content_length >= 0),
  address_count  bigint check (address_count >= 0),
  collection     text not null check (collection in (
    'global', 'us_northeast', 'us_midwest', 'us_south', 'us_west', 'europe', 'asia', 'south_america', 'north_america')),
  license_attr   text not null check (license_attr in ('', 'sa'))
);

comment on table zips is 'Collected zips; a new one replaces its predecessor in one transaction.';
comment on column zips.url is 'Where it is.';
comment on column zips.datetime is 'When it was made.';
comment on column zips.is_current is 'Whether it is the one to offer.';
comment on column zips.content_length is 'Its size in bytes.';
comment on column zips.address_count is 'Its rows.';
comment on column zips.collection is 'The region.';
comment on column zips.license_attr is 'Empty: freely shareable. sa: share-alike required.';

create unique index zips_one_current on zips (collection, license_attr) where is_current;
