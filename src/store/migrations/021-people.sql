-- People who sign in here: their accounts, what proves who they are, what they were asked and answered on the way to an app.
-- One-time links, steps, transactions and sessions are stored as SHA-256 of 256-bit random text, never as themselves.

CREATE TABLE auth_account (
  id uuid PRIMARY KEY,
  -- As signed in with, in lower case. Need not be an e-mail address.
  username text NOT NULL UNIQUE,
  -- scrypt with the costs it was made with (`scrypt$N$r$p$salt$hash`); absent until the person has chosen a password.
  password text,
  administrator boolean NOT NULL DEFAULT false,
  -- A telephone number or e-mail address, lower case without blanks: a teenager's must not be a proxy's.
  contact text,
  active boolean NOT NULL DEFAULT true,
  -- Sealed with the server's secret; absent until a second factor is set up.
  totp_secret bytea,
  -- The last time step that was accepted: a code is good once.
  totp_step bigint NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  created_at timestamptz NOT NULL
);

-- Who the person is in FHIR: Practitioner/…, Patient/…, Person/…, and one RelatedPerson/… for each child. Each of them is one person.
CREATE TABLE auth_account_link (
  fhir_user text PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES auth_account (id) ON DELETE CASCADE
);
CREATE INDEX auth_account_link_account ON auth_account_link (account_id);

CREATE TABLE auth_recovery_code (
  account_id uuid NOT NULL REFERENCES auth_account (id) ON DELETE CASCADE,
  code_hash bytea NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (account_id, code_hash)
);

-- The link with which a person chooses a password: printed once for whoever made the account, good once.
CREATE TABLE auth_enrolment (
  token_hash bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES auth_account (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_enrolment_expiry ON auth_enrolment (expires_at);

-- Between the password and the second factor.
CREATE TABLE auth_sign_in_step (
  id_hash bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES auth_account (id) ON DELETE CASCADE,
  -- A second factor that is being set up, sealed.
  new_secret bytea,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_sign_in_step_expiry ON auth_sign_in_step (expires_at);

-- Failed sign-ins by where they came from. The address is kept as a keyed hash.
CREATE TABLE auth_sign_in_address (
  address_hash bytea PRIMARY KEY,
  failures integer NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_sign_in_address_expiry ON auth_sign_in_address (expires_at);

-- A hospital's own sign-on (OpenID Connect) and who of ours its subjects are.
CREATE TABLE auth_provider (
  id text PRIMARY KEY,
  name text NOT NULL,
  issuer text NOT NULL UNIQUE,
  client_id text NOT NULL,
  -- Sealed; absent: we authenticate with private_key_jwt.
  client_secret bytea,
  -- The claim of the id_token that an account is linked by.
  claim text NOT NULL,
  active boolean NOT NULL DEFAULT true
);

CREATE TABLE auth_account_identity (
  provider_id text NOT NULL REFERENCES auth_provider (id) ON DELETE CASCADE,
  subject text NOT NULL,
  account_id uuid NOT NULL REFERENCES auth_account (id) ON DELETE CASCADE,
  PRIMARY KEY (provider_id, subject)
);

CREATE TABLE auth_upstream_login (
  state_hash bytea PRIMARY KEY,
  cookie_hash bytea NOT NULL,
  provider_id text NOT NULL REFERENCES auth_provider (id) ON DELETE CASCADE,
  transaction_id text,
  expires_at timestamptz NOT NULL
);
CREATE INDEX auth_upstream_login_expiry ON auth_upstream_login (expires_at);

-- A session is an account's, or (as before) that of a person whom a hospital's launch has signed in.
ALTER TABLE auth_session
  ALTER COLUMN fhir_user DROP NOT NULL,
  ALTER COLUMN site_id DROP NOT NULL,
  ADD COLUMN account_id uuid REFERENCES auth_account (id) ON DELETE CASCADE,
  ADD CONSTRAINT auth_session_whose CHECK ((account_id IS NULL) = (fhir_user IS NOT NULL AND site_id IS NOT NULL));
CREATE INDEX auth_session_account ON auth_session (account_id);

-- A launch belongs to a session, or to a person who may have to sign in first; `context` is what the token response will say.
ALTER TABLE auth_launch
  ALTER COLUMN session_hash DROP NOT NULL,
  ADD COLUMN fhir_user text,
  ADD COLUMN context jsonb NOT NULL DEFAULT '{}',
  ADD CONSTRAINT auth_launch_whose CHECK ((session_hash IS NULL) <> (fhir_user IS NULL));

-- An authorization request that waits for a person: to sign in, to choose a child, to allow it.
CREATE TABLE auth_transaction (
  id_hash bytea PRIMARY KEY,
  -- Stays in the browser: an answer from another one is worth nothing.
  cookie_hash bytea NOT NULL,
  client_id text NOT NULL REFERENCES auth_client (id),
  -- The request as it came, form-encoded: nothing of it is lost on the way.
  parameters text NOT NULL,
  -- The answers given so far, and the session that gave them.
  session_hash bytea,
  answers jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- A code, or a refusal, has been given for it; there is never a second one.
  done_at timestamptz
);
CREATE INDEX auth_transaction_expiry ON auth_transaction (expires_at);

-- What a person has allowed an app for a child before. `patient_id` is '' where it is about no child.
CREATE TABLE auth_consent (
  fhir_user text NOT NULL,
  client_id text NOT NULL REFERENCES auth_client (id) ON DELETE CASCADE,
  patient_id text NOT NULL,
  asked text NOT NULL,
  given text NOT NULL,
  given_at timestamptz NOT NULL,
  PRIMARY KEY (fhir_user, client_id, patient_id)
);
