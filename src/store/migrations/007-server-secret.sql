-- Secrets the server makes for itself once, e.g. the key that seals page links. Never leaves the database.
CREATE TABLE server_secret (
  name text PRIMARY KEY,
  value bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
