-- What tokens rest on: a grant is the family of all tokens that came of one consent. Secrets and refresh tokens are never stored as
-- themselves: the former as scrypt, the latter (256 random bits of their own) as SHA-256.

ALTER TABLE auth_client
  DROP CONSTRAINT auth_client_type_check,
  DROP CONSTRAINT auth_client_check,
  ADD CONSTRAINT auth_client_types CHECK (type IN ('public', 'symmetric', 'asymmetric')),
  ADD CONSTRAINT auth_client_keys CHECK (CASE type WHEN 'asymmetric' THEN (jwks IS NULL) <> (jwks_url IS NULL)
    ELSE jwks IS NULL AND jwks_url IS NULL END),
  ADD COLUMN logo_url text,
  ADD COLUMN contacts text[] NOT NULL DEFAULT '{}',
  ADD COLUMN tenant text,
  -- The codes under which it may keep App State, as system|code.
  ADD COLUMN state_codes text[] NOT NULL DEFAULT '{}',
  -- Runs on a person's device: its redirect URI may be of a scheme of its own, or any port of the loopback address.
  ADD COLUMN native boolean NOT NULL DEFAULT false,
  -- May ask what any token is worth, not only its own.
  ADD COLUMN introspects boolean NOT NULL DEFAULT false,
  -- May use the admin API.
  ADD COLUMN admin boolean NOT NULL DEFAULT false,
  -- Made by the demo: never active in production.
  ADD COLUMN demo boolean NOT NULL DEFAULT false;

-- At most two for a client: the new one and the one it takes over from.
CREATE TABLE auth_client_secret (
  id uuid PRIMARY KEY,
  client_id text NOT NULL REFERENCES auth_client (id) ON DELETE CASCADE,
  salt bytea NOT NULL,
  hash bytea NOT NULL,
  -- scrypt's N, as it was when this one was made.
  cost integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX auth_client_secret_client ON auth_client_secret (client_id, created_at);

-- A key signs from `signs_from`, until its successor does; it is published before and after.
ALTER TABLE auth_signing_key ADD COLUMN signs_from timestamptz;
UPDATE auth_signing_key SET signs_from = created_at;
ALTER TABLE auth_signing_key ALTER COLUMN signs_from SET NOT NULL;

ALTER TABLE auth_grant
  -- encounter, fhirContext, need_patient_banner, intent, smart_style_url, tenant, appContext: what the token response says beside the patient.
  ADD COLUMN context jsonb NOT NULL DEFAULT '{}',
  -- Whether there is a refresh token, and how long: as long as the session, or longer.
  ADD COLUMN refresh text CHECK (refresh IN ('online', 'offline')),
  -- For `online`: the session with which it ends. That may be gone already.
  ADD COLUMN session_hash bytea,
  -- Null: the code was never redeemed.
  ADD COLUMN last_used_at timestamptz,
  ADD CONSTRAINT auth_grant_session CHECK (refresh IS DISTINCT FROM 'online' OR session_hash IS NOT NULL);
CREATE INDEX auth_grant_user ON auth_grant (fhir_user);
CREATE INDEX auth_grant_patient ON auth_grant (patient_id);
CREATE INDEX auth_grant_client ON auth_grant (client_id);
CREATE INDEX auth_grant_session ON auth_grant (session_hash) WHERE session_hash IS NOT NULL;

ALTER TABLE auth_code DROP COLUMN need_patient_banner;
CREATE INDEX auth_code_grant ON auth_code (grant_id);

-- Kept after they are spent, until they would have expired: a spent one that comes again has been stolen.
CREATE TABLE auth_refresh_token (
  token_hash bytea PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES auth_grant (id) ON DELETE CASCADE,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  spent_at timestamptz,
  successor_hash bytea,
  -- The successor, sealed with the spent token itself: only where a retry is borne, and only until the successor is used.
  successor_sealed bytea
);
CREATE INDEX auth_refresh_token_grant ON auth_refresh_token (grant_id);
CREATE INDEX auth_refresh_token_expiry ON auth_refresh_token (expires_at);

-- Machine tokens that were revoked before their time; those of persons end with their grant.
CREATE TABLE auth_revoked_token (
  jti text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_revoked_token_expiry ON auth_revoked_token (expires_at);
