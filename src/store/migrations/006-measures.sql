-- The result of one measure for one child and one period. The current state of a child's measures; never a history.
CREATE TABLE measure_result (
  measure text COLLATE "C" NOT NULL,
  period_start date NOT NULL,
  -- The last day of the period, itself included.
  period_end date NOT NULL,
  patient_id text COLLATE "C" NOT NULL,
  -- [{ "group": "mmr", "populations": { "initial-population": true, … } }]; null when the evaluation failed.
  populations jsonb,
  -- { "mmr": ["Immunization/…"] }: what was counted.
  evidence jsonb,
  -- What went in: the versions of the resources read, and the logic with its code lists.
  input_hash text COLLATE "C" NOT NULL,
  logic_hash text COLLATE "C" NOT NULL,
  state text NOT NULL CHECK (state IN ('current', 'stale', 'error')),
  -- For state `error`: which library and expression failed. Never a value of the child's record.
  failure text,
  evaluated_at timestamptz(3) NOT NULL,
  -- The first day on which time alone may change the answer; null when only data can.
  next_change_date date,
  PRIMARY KEY (measure, patient_id, period_start, period_end)
);
CREATE INDEX measure_result_period ON measure_result (measure, period_start, period_end, state);
CREATE INDEX measure_result_patient ON measure_result (patient_id);

-- Goes up with every change of a child's record that the measure reads. An evaluation that began before the last change
-- finds a higher number when it saves, and saves as stale.
CREATE TABLE measure_subject (
  measure text COLLATE "C" NOT NULL,
  patient_id text COLLATE "C" NOT NULL,
  revision bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (measure, patient_id)
);
