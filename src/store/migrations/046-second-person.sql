-- Administration by two: what one administrator has asked for, until another one confirms or refuses it, or it expires. Kept short: the audit
-- trail says who did what.
CREATE TABLE auth_admin_request (
  id uuid PRIMARY KEY,
  -- Of the admin API: method and path of the route, the id in the path, and the body as it was read. Holds no secret.
  route text NOT NULL,
  target text NOT NULL,
  body jsonb NOT NULL,
  client_id text NOT NULL,
  fhir_user text,
  -- Absent: a machine, or a person who signs in elsewhere.
  account_id uuid REFERENCES auth_account (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_admin_request_expiry ON auth_admin_request (expires_at);
