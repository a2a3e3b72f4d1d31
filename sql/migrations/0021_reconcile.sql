-- What reconcile remembers, and what a push to the default branch looks for.

alter table watched_repositories add column known_since timestamptz;

comment on column watched_repositories.known_since is 'When its branches were first listed: what they were then is where it begins. Null before.';

-- The runs of the same bytes of a file, in jobs of this repository.
create index job_sources_by_bytes on job_sources (source_path, source_id);
