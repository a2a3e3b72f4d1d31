-- needs: postgis
--
-- Coverage: how much of each country and of each US state the world's open addresses reach.
--
-- Skipped, saying so, where Postgres has no PostGIS, and tried again by each machine migrate. Names are the original's;
-- what a table holds is said by its comment, because the outlines come from other vintages than the names say.

create table boxes (
  id   int generated always as identity primary key,
  lon  double precision not null,
  lat  double precision not null,
  size double precision not null,
  geom geometry(Polygon, 4326) not null,
  unique (lon, lat, size)
);

comment on table boxes is 'The world in boxes of one degree: what populations are counted in.';
comment on column boxes.id is 'Identity.';
comment on column boxes.lon is 'Its west edge, degrees.';
comment on column boxes.lat is 'Its south edge, degrees.';
comment on column boxes.size is 'Its side, degrees.';
comment on column boxes.geom is 'Its outline.';

create index boxes_by_place on boxes using gist (geom);

create table ne_50m_admin_0_countries (
  iso_a2  text primary key check (iso_a2 ~ '^[A-Z]{2}$'),
  name    text not null,
  geom    geometry(MultiPolygon, 4326) not null,
  edition text not null
);

comment on table ne_50m_admin_0_countries is 'Outlines of countries, from package world-atlas (Natural Earth, 1:50 million).';
comment on column ne_50m_admin_0_countries.iso_a2 is 'ISO 3166-1 alpha-2.';
comment on column ne_50m_admin_0_countries.name is 'Name in English.';
comment on column ne_50m_admin_0_countries.geom is 'Its land.';
comment on column ne_50m_admin_0_countries.edition is 'Digest of the outlines: another one loads them anew.';

create table cb_2013_us_state_20m (
  usps_code text primary key check (usps_code ~ '^[A-Z]{2}$'),
  name      text not null,
  geom      geometry(MultiPolygon, 4326) not null,
  edition   text not null
);

comment on table cb_2013_us_state_20m is 'Outlines of US states, from package us-atlas (US Census, 1:10 million).';
comment on column cb_2013_us_state_20m.usps_code is 'The two letters of the post.';
comment on column cb_2013_us_state_20m.name is 'Name.';
comment on column cb_2013_us_state_20m.geom is 'Its land.';
comment on column cb_2013_us_state_20m.edition is 'Digest of the outlines: another one loads them anew.';

create table gpwv4_2015 (
  iso_a2     text not null,
  box_id     int not null references boxes,
  population double precision check (population >= 0),
  area       double precision not null check (area >= 0),
  primary key (iso_a2, box_id)
);

comment on table gpwv4_2015 is 'The part of a country in a box. Populations come from a file of the operator: docs/coverage.md.';
comment on column gpwv4_2015.iso_a2 is 'The country.';
comment on column gpwv4_2015.box_id is 'The box.';
comment on column gpwv4_2015.population is 'People; null where no file said.';
comment on column gpwv4_2015.area is 'Land, km².';

create table acs5yr_2015 (
  usps_code  text not null,
  box_id     int not null references boxes,
  population double precision check (population >= 0),
  area       double precision not null check (area >= 0),
  primary key (usps_code, box_id)
);

comment on table acs5yr_2015 is 'The part of a US state in a box. Populations come from a file of the operator: docs/coverage.md.';
comment on column acs5yr_2015.usps_code is 'The state.';
comment on column acs5yr_2015.box_id is 'The box.';
comment on column acs5yr_2015.population is 'People; null where no file said.';
comment on column acs5yr_2015.area is 'Land, km².';

create table areas (
  iso_a2     text primary key,
  name       text not null,
  addr_count bigint not null check (addr_count >= 0),
  buffer_km  double precision not null,
  geom       geometry(Geometry, 4326),
  area_total double precision not null,
  area_pct   double precision not null check (area_pct between 0 and 1),
  pop_total  double precision,
  pop_pct    double precision check (pop_pct between 0 and 1),
  made_at    timestamptz not null
);

comment on table areas is 'Coverage of each country, by good sources only; replaced as a whole by machine calculate-coverage.';
comment on column areas.iso_a2 is 'ISO 3166-1 alpha-2.';
comment on column areas.name is 'Name in English.';
comment on column areas.addr_count is 'Addresses of its good sources.';
comment on column areas.buffer_km is 'A source that says a point only counts as a circle of this radius.';
comment on column areas.geom is 'What is covered; null when nothing is.';
comment on column areas.area_total is 'Land, km².';
comment on column areas.area_pct is 'Share of the land that is covered, 0 to 1.';
comment on column areas.pop_total is 'People; null where no population was loaded.';
comment on column areas.pop_pct is 'Share of the people who live where it is covered, 0 to 1; null likewise.';
comment on column areas.made_at is 'When it was calculated.';

create table us_states (
  usps_code  text primary key,
  name       text not null,
  addr_count bigint not null check (addr_count >= 0),
  buffer_km  double precision not null,
  geom       geometry(Geometry, 4326),
  area_total double precision not null,
  area_pct   double precision not null check (area_pct between 0 and 1),
  pop_total  double precision,
  pop_pct    double precision check (pop_pct between 0 and 1),
  made_at    timestamptz not null
);

comment on table us_states is 'Coverage of each US state, by good sources only; replaced as a whole by machine calculate-coverage.';
comment on column us_states.usps_code is 'The two letters of the post.';
comment on column us_states.name is 'Name.';
comment on column us_states.addr_count is 'Addresses of its good sources.';
comment on column us_states.buffer_km is 'A source that says a point only counts as a circle of this radius.';
comment on column us_states.geom is 'What is covered; null when nothing is.';
comment on column us_states.area_total is 'Land, km².';
comment on column us_states.area_pct is 'Share of the land that is covered, 0 to 1.';
comment on column us_states.pop_total is 'People; null where no population was loaded.';
comment on column us_states.pop_pct is 'Share of the people who live where it is covered, 0 to 1; null likewise.';
comment on column us_states.made_at is 'When it was calculated.';
