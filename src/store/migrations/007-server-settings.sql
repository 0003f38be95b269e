-- Secrets the server makes for itself once, e.g. the key that seals page links. They never leave the database.
CREATE TABLE server_secret (
  name text PRIMARY KEY,
  value bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What was decided once for this store, e.g. whether it holds the demo town.
CREATE TABLE server_setting (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
