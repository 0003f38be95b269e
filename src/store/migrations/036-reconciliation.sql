-- What somebody has decided about records of a child that look alike, contradict each other or lack something (decision D19). Written with the
-- Provenance that says who, when and why, in its transaction; a hash of each side says what it looked like then, so that the same
-- question comes again only when one of them says something else. A question about one record has no second.
CREATE TABLE reconcile_decision (
  patient_id text COLLATE "C" NOT NULL,
  -- Of one record: which kind of question; of a pair: whatever it was, it is settled.
  kind text COLLATE "C" NOT NULL,
  first text COLLATE "C" NOT NULL,
  second text COLLATE "C" NOT NULL DEFAULT '',
  first_hash text COLLATE "C" NOT NULL,
  second_hash text COLLATE "C" NOT NULL DEFAULT '',
  choice text COLLATE "C" NOT NULL,
  -- As the actor of the change log: `Practitioner/…`, a client, a room.
  decided_by text COLLATE "C" NOT NULL,
  decided_at timestamptz(3) NOT NULL,
  provenance_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (patient_id, kind, first, second),
  CHECK ((second = '') = (kind <> 'pair')),
  CHECK (second = '' OR first < second)
);
CREATE INDEX reconcile_decision_provenance ON reconcile_decision (provenance_id);
