-- Which client is the system of a partner that referrals go to or come from: how it speaks, and as whom it acts.
CREATE TABLE referral_partner (
  client_id text COLLATE "C" PRIMARY KEY,
  dialect text NOT NULL CHECK (dialect IN ('fhir', 'gravity', 'bser')),
  -- `Organization/…`, `HealthcareService/…`: whoever a Task names of these, the client acts for.
  acts_for text[] COLLATE "C" NOT NULL
);

-- The Tasks into which a coordination platform has split a referral, and where each stands; kept in the transaction of the part.
CREATE TABLE referral_part (
  task_id text COLLATE "C" PRIMARY KEY,
  source_id text COLLATE "C" NOT NULL,
  state text NOT NULL
);
CREATE INDEX referral_part_source ON referral_part (source_id);

-- Since when somebody has last asked about a child on a waiting list; null: not since the child came on it.
ALTER TABLE task_clock ADD COLUMN checked_at timestamptz(3);
