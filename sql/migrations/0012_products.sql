-- Products: the files that the world downloads beside those of single runs, and the manifest that lists them.
--
-- made (is_current false) ──publish──► current ──publish of the next──► past (is_current false)
--      └── a file of a command that was killed stays as it is; the next takes it over if it is made of the same

create table products (
  id         bigint generated always as identity primary key,
  product    text not null,
  name       text not null,
  edition    text not null,
  key        text not null unique,
  url        text not null,
  bytes      bigint not null check (bytes >= 0),
  sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  rows       bigint check (rows >= 0),
  sources    int check (sources >= 0),
  region     text,
  license    text check (license in ('', 'sa')),
  data_date  timestamptz,
  made_from  text not null,
  made_at    timestamptz not null default now(),
  is_current boolean not null default false
);

comment on table products is 'A file of a product, such as a collection or a tile, once it is in storage. Never written again.';
comment on column products.id is 'Identity.';
comment on column products.product is 'Which product it is a file of: collections, tiles.';
comment on column products.name is 'Its name within the product, the same in each edition: openaddr-collected-europe.zip.';
comment on column products.edition is 'The making of the product that it came from: a time and a random part.';
comment on column products.key is 'Where it is in storage.';
comment on column products.url is 'Where the world finds it.';
comment on column products.bytes is 'Its size.';
comment on column products.sha256 is 'SHA-256 of its content, in hex.';
comment on column products.rows is 'Rows in it; null for what has none.';
comment on column products.sources is 'Data sources in it; null where that says nothing.';
comment on column products.region is 'The region of a collection; null for anything else.';
comment on column products.license is 'Empty: freely shareable. sa: share-alike required. Null where it is of no one licence.';
comment on column products.data_date is 'When the newest run in it settled; null where no run is in it.';
comment on column products.made_from is 'Digest of the runs and of the way it was made: the same gives the same file.';
comment on column products.made_at is 'When it was in storage.';
comment on column products.is_current is 'Whether it is the one to offer.';

create unique index products_one_current on products (product, name) where is_current;
create index products_made_from on products (product, name, made_from, id desc);

create table manifests (
  id         bigint generated always as identity primary key,
  edition    text not null unique,
  key        text not null unique,
  url        text not null,
  sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  document   text not null,
  made_at    timestamptz not null default now(),
  is_current boolean not null default false
);

comment on table manifests is 'What was published at a time: the pointer to the latest is the row that is current.';
comment on column manifests.id is 'Identity, growing with time.';
comment on column manifests.edition is 'A time and a random part; part of its address.';
comment on column manifests.key is 'Where it is in storage.';
comment on column manifests.url is 'Where the world finds it.';
comment on column manifests.sha256 is 'SHA-256 of its content, in hex.';
comment on column manifests.document is 'The content: JSON, described in docs/manifest.md.';
comment on column manifests.made_at is 'When it was published.';
comment on column manifests.is_current is 'Whether it is the latest.';

create unique index manifests_one_current on manifests (is_current) where is_current;
