-- Privacy policies that were loaded, none ever changed. The one in force is the last loaded whose day has come.
CREATE TABLE access_policy (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version text NOT NULL UNIQUE,
  effective date NOT NULL,
  -- As it was loaded; checked again whenever it is read.
  content jsonb NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT now()
);

-- What a person may do beyond what being a practitioner gives.
CREATE TABLE access_role (
  fhir_user text COLLATE "C" NOT NULL,
  role text NOT NULL,
  given_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fhir_user, role)
);

-- Emergency access ("break the glass"): one person, one patient, some hours. Kept for the review.
CREATE TABLE access_emergency (
  id uuid PRIMARY KEY,
  fhir_user text COLLATE "C" NOT NULL,
  client_id text NOT NULL,
  patient_id text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  -- What the person wrote: for the reviewer only.
  explanation text NOT NULL,
  policy text NOT NULL,
  started_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX access_emergency_user ON access_emergency (fhir_user, ends_at);
CREATE INDEX access_emergency_patient ON access_emergency (patient_id, started_at);

-- The Flags that the privacy policy reads (policy/facts.ts asks with the same words): Flag has no search parameter for its code.
CREATE INDEX resource_privacy_flag ON resource (patient_id)
  WHERE type = 'Flag' AND NOT deleted AND content LIKE '%http://careweave.org/fhir/CodeSystem/privacy-flag%';
