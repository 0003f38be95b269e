-- SMART Health Links to emergency plans (care/emergency/link). Neither the address of a link nor its key is kept: only a digest of the one, and the
-- other sealed with what only the address (and the passcode) holds.
CREATE TABLE emergency_link (
  id text COLLATE "C" PRIMARY KEY,
  -- SHA-256 of the secret in its address.
  digest bytea NOT NULL UNIQUE,
  patient_id text COLLATE "C" NOT NULL,
  -- What a reader of the link is told is what this person may see at that moment.
  made_by text COLLATE "C" NOT NULL,
  label text NOT NULL,
  language text NOT NULL,
  salt bytea NOT NULL,
  -- Null once the link has ended: nobody opens it again.
  sealed bytea,
  has_passcode boolean NOT NULL,
  -- Wrong passcodes that are still allowed, in all its life.
  attempts_left integer NOT NULL CHECK (attempts_left >= 0),
  made_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  ended_why text CHECK (ended_why IN ('revoked', 'passcodes')),
  opened integer NOT NULL DEFAULT 0,
  opened_at timestamptz(3),
  -- UTC day on which people were last told that it was opened.
  noticed_on date,
  CHECK ((sealed IS NULL) = (ended_at IS NOT NULL))
);

CREATE INDEX emergency_link_patient ON emergency_link (patient_id, made_at);

-- Encrypted files that a manifest led to, until they are fetched.
CREATE TABLE emergency_link_file (
  digest bytea PRIMARY KEY,
  link_id text COLLATE "C" NOT NULL REFERENCES emergency_link (id) ON DELETE CASCADE,
  body text NOT NULL,
  expires_at timestamptz(3) NOT NULL
);

CREATE INDEX emergency_link_file_expires ON emergency_link_file (expires_at);
