-- Authorization: who may ask (clients), what our server signs with, and the short-lived states of a launch.
-- Codes, launch ids, sessions and login states are stored as SHA-256 of 256-bit random text, never as themselves.

CREATE TABLE auth_client (
  id text PRIMARY KEY,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('public', 'asymmetric')),
  redirect_uris text[] NOT NULL DEFAULT '{}',
  launch_urls text[] NOT NULL DEFAULT '{}',
  -- The ceiling: a token never holds more than this, whatever is asked for.
  scopes text NOT NULL,
  jwks jsonb,
  jwks_url text,
  origins text[] NOT NULL DEFAULT '{}',
  -- First-party apps ask for no consent.
  first_party boolean NOT NULL DEFAULT false,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL,
  CHECK (type = 'public' OR (jwks IS NULL) <> (jwks_url IS NULL))
);

CREATE TABLE auth_signing_key (
  kid text PRIMARY KEY,
  algorithm text NOT NULL,
  private_jwk jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  -- A retired key signs nothing more, and is published until the last token it signed has expired.
  retired_at timestamptz
);
CREATE UNIQUE INDEX auth_signing_key_current ON auth_signing_key (algorithm) WHERE retired_at IS NULL;

-- A person of a hospital, signed in through the hospital's EHR launch.
CREATE TABLE auth_session (
  id_hash bytea PRIMARY KEY,
  fhir_user text NOT NULL,
  site_id text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_session_expiry ON auth_session (expires_at);

-- Our own launch context, made for one client and one session.
CREATE TABLE auth_launch (
  id_hash bytea PRIMARY KEY,
  client_id text NOT NULL REFERENCES auth_client (id),
  session_hash bytea NOT NULL REFERENCES auth_session (id_hash) ON DELETE CASCADE,
  patient_id text NOT NULL,
  need_patient_banner boolean NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX auth_launch_expiry ON auth_launch (expires_at);

-- A launch that an EHR has started and whose answer we wait for.
CREATE TABLE auth_ehr_login (
  state_hash bytea PRIMARY KEY,
  cookie_hash bytea NOT NULL,
  site_id text NOT NULL,
  issuer text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_ehr_login_expiry ON auth_ehr_login (expires_at);

-- What a person granted an app; access tokens name it, so that revoking it ends them.
CREATE TABLE auth_grant (
  id uuid PRIMARY KEY,
  client_id text NOT NULL REFERENCES auth_client (id),
  fhir_user text NOT NULL,
  patient_id text,
  scopes text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX auth_grant_expiry ON auth_grant (expires_at);

CREATE TABLE auth_code (
  code_hash bytea PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES auth_grant (id) ON DELETE CASCADE,
  client_id text NOT NULL,
  redirect_uri text NOT NULL,
  code_challenge text NOT NULL,
  nonce text,
  need_patient_banner boolean NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

-- Every assertion is good once: kept until it would have expired anyway.
CREATE TABLE auth_assertion_jti (
  client_id text NOT NULL,
  jti_hash bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, jti_hash)
);
CREATE INDEX auth_assertion_jti_expiry ON auth_assertion_jti (expires_at);
