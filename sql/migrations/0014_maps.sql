-- Maps: the dot map of all points, and the maps of coverage. Files are in storage under keys that are never written again;
-- which of them is shown is a row here, and changes in one statement.

create table dotmaps (
  id         int generated always as identity primary key,
  key        text not null unique,
  url        text not null,
  bytes      bigint not null check (bytes >= 0),
  points     bigint not null check (points > 0),
  sources    int not null check (sources > 0),
  missing    jsonb not null default '[]',
  dropped    jsonb not null,
  bounds     jsonb not null,
  mapbox     jsonb,
  version    text not null,
  made_at    timestamptz not null default now(),
  is_current boolean not null
);

comment on table dotmaps is 'Dot maps that were published: one PMTiles each, and what became of it at Mapbox.';
comment on column dotmaps.id is 'Identity.';
comment on column dotmaps.key is 'Where the PMTiles is in storage.';
comment on column dotmaps.url is 'Where the world finds it.';
comment on column dotmaps.bytes is 'Its size.';
comment on column dotmaps.points is 'Points that it was made of.';
comment on column dotmaps.sources is 'Data sources that it was made of.';
comment on column dotmaps.missing is 'Data sources that could not be read and were allowed to be left out: label and reason of each.';
comment on column dotmaps.dropped is 'For each zoom: points thinned out by rate, and points left out of tiles that were too dense.';
comment on column dotmaps.bounds is 'West, south, east, north, in degrees.';
comment on column dotmaps.mapbox is 'For each tileset its id, whether it is there, and what went wrong; null where none was asked for.';
comment on column dotmaps.version is 'Version of Machine that made it.';
comment on column dotmaps.made_at is 'When it was published.';
comment on column dotmaps.is_current is 'Whether it is the one to show.';

create unique index dotmaps_one_current on dotmaps (is_current) where is_current;

create table coverage_maps (
  id         int generated always as identity primary key,
  set_id     int references sets,
  world      text not null,
  europe     text not null,
  usa        text not null,
  geojson    text not null,
  sources    int not null check (sources >= 0),
  good       int not null check (good between 0 and sources),
  unplaced   jsonb not null default '[]',
  made_at    timestamptz not null default now(),
  is_current boolean not null,
  check (set_id is null or not is_current)
);

comment on table coverage_maps is 'Maps of coverage that were published.';
comment on column coverage_maps.id is 'Identity.';
comment on column coverage_maps.set_id is 'The set they show; null for the current state.';
comment on column coverage_maps.world is 'URL of the world.';
comment on column coverage_maps.europe is 'URL of Europe.';
comment on column coverage_maps.usa is 'URL of the USA.';
comment on column coverage_maps.geojson is 'URL of the same as GeoJSON.';
comment on column coverage_maps.sources is 'Sources that were looked at.';
comment on column coverage_maps.good is 'How many of them are good.';
comment on column coverage_maps.unplaced is 'Sources that no map can show, with the reason.';
comment on column coverage_maps.made_at is 'When they were published.';
comment on column coverage_maps.is_current is 'Whether they are the ones to show of the current state.';

create unique index coverage_maps_one_current on coverage_maps (is_current) where is_current;
