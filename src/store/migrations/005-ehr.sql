-- Sync with hospital EHRs. A site is data; every step of a pull and every write-back is a row that a crash cannot lose.

create table ehr_site (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  base_url text not null unique,
  state text not null check (state in ('live', 'paused')),
  config jsonb not null,
  discovery jsonb,
  discovery_hash text,
  discovered_at timestamptz,
  -- One run per site at a time. The fence goes up with every lease, so that a run that lost its lease cannot write.
  lease_until timestamptz,
  fence bigint not null default 0,
  added_at timestamptz not null default now()
);

create table ehr_run (
  id bigint generated always as identity primary key,
  site text not null references ehr_site,
  state text not null check (state in ('running', 'done', 'failed')),
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  patients_total integer not null default 0,
  patients_done integer not null default 0,
  -- By resource type: found, new, updated, unchanged, echoes.
  counts jsonb not null default '{}',
  -- Codes and counts only, never text of the site.
  warnings jsonb not null default '[]',
  error text
);
create index ehr_run_site on ehr_run (site, id desc);

-- What a site sent, as it sent it, once per content.
create table ehr_raw (
  site text not null,
  type text not null,
  ehr_id text not null,
  content_hash text not null,
  body text not null,
  fetched_at timestamptz not null,
  run_id bigint not null,
  primary key (site, type, ehr_id, content_hash)
);

-- A slice is one patient of a site: the unit that is pulled, and applied, at once.
create table ehr_slice (
  site text not null,
  patient text not null,
  run_id bigint not null,
  pulled_at timestamptz not null,
  applied_at timestamptz,
  primary key (site, patient)
);

-- Which content a slice held when it was last pulled. Absence is recorded and never deletes.
create table ehr_seen (
  site text not null,
  slice text not null,
  type text not null,
  ehr_id text not null,
  content_hash text not null,
  run_id bigint not null,
  missing_since timestamptz,
  primary key (site, slice, type, ehr_id)
);

-- The crosswalk. `mirror`: the content is the site's, so it is read-only here; a child of ours that a site also knows is linked, not a mirror.
create table ehr_link (
  site text not null,
  type text not null,
  ehr_id text not null,
  id text not null,
  mirror boolean not null,
  how text not null,
  applied_hash text,
  linked_at timestamptz not null default now(),
  primary key (site, type, ehr_id)
);
create index ehr_link_ours on ehr_link (type, id);

create table ehr_identity_conflict (
  site text not null,
  ehr_id text not null,
  patient_id text not null,
  rule text not null,
  found_at timestamptz not null default now(),
  primary key (site, ehr_id, patient_id, rule)
);

-- Write-back. `kind`: referral or plan-document. States: pending, sending (marked before the request: outcome unknown
-- until the site is looked at), confirmed, rejected (an operator must look).
create table ehr_outbox (
  id bigint generated always as identity primary key,
  site text not null references ehr_site,
  kind text not null check (kind in ('referral', 'plan-document')),
  type text not null,
  resource_id text not null,
  patient_id text not null,
  -- Goes up with every change of the resource, so that a change during sending is not lost.
  change bigint not null default 1,
  state text not null default 'pending' check (state in ('pending', 'sending', 'confirmed', 'rejected')),
  idem_key text,
  content_hash text,
  attempt integer not null default 0,
  next_at timestamptz not null default now(),
  lease_until timestamptz,
  last_status integer,
  last_error text,
  created_at timestamptz not null default now(),
  settled_at timestamptz
);
create unique index ehr_outbox_pending on ehr_outbox (site, kind, resource_id) where state = 'pending';
create index ehr_outbox_due on ehr_outbox (site, next_at) where state in ('pending', 'sending');

-- What the site now holds of ours: one row per resource and site.
create table ehr_written (
  site text not null,
  kind text not null,
  resource_id text not null,
  ehr_type text not null,
  ehr_id text not null,
  idem_key text not null,
  content_hash text not null,
  confirmed_at timestamptz not null,
  primary key (site, kind, resource_id)
);
