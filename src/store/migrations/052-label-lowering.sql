-- Labels that one privacy officer has asked to take from a record, until another one asks for the same, or a day is over (access/labels).
CREATE TABLE access_lowering (
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  -- `system|code` of each, in order.
  labels text[] NOT NULL,
  fhir_user text COLLATE "C" NOT NULL,
  account_id uuid,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (type, id, labels, fhir_user)
);
