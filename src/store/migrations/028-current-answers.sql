-- Answers are kept once, and whose they are as rows that point to them: a report on a population is a sum over equal answers.
-- All of this can be computed again, so what was there is not carried over.
DROP TABLE measure_result;
DROP TABLE measure_subject;

-- One row per patient that a measure may have something to say about. `revision` goes up with every change of the child's record that any
-- measure can see; the marks say at which revision it last changed for one measure, or for all. A result that was computed from an
-- older revision than the mark of its measure is out of date.
CREATE TABLE measure_child (
  patient_id text COLLATE "C" PRIMARY KEY,
  -- There is a Patient, and it was not replaced by another one (Patient.link): such a child would be counted twice.
  present boolean NOT NULL,
  revision bigint NOT NULL DEFAULT 0,
  -- For every measure, those included that are not there yet.
  all_changed bigint NOT NULL DEFAULT 0,
  -- { "<measure>": revision }, only those later than `all_changed`.
  changed jsonb NOT NULL DEFAULT '{}',
  -- When it was last marked: how far behind the answers are.
  changed_at timestamptz(3)
);
INSERT INTO measure_child (patient_id, present)
  SELECT id, NOT content::jsonb @? '$.link[*] ? (@.type == "replaced-by")' FROM resource WHERE type = 'Patient' AND NOT deleted;

-- An answer without whose it is: populations, strata, observations and supplemental values. Many children have the same.
CREATE TABLE measure_answer (
  -- The first half of the SHA-256 of `content`.
  key uuid PRIMARY KEY,
  content text NOT NULL
);

-- The answer of one measure for one child and one period. The current state; never a history.
CREATE TABLE measure_result (
  measure text COLLATE "C" NOT NULL,
  period_start date NOT NULL,
  -- The last day of the period, itself included.
  period_end date NOT NULL,
  patient_id text COLLATE "C" NOT NULL,
  -- Of measure_answer; null when the evaluation failed.
  answer uuid,
  -- Which library and expression failed. Never a value of the child's record.
  failure text,
  -- The revision of the child that it was computed from.
  revision bigint NOT NULL,
  -- What went in: the versions of the resources read, the logic with the time zone, and the code lists.
  input_hash text COLLATE "C" NOT NULL,
  logic_hash text COLLATE "C" NOT NULL,
  value_set_hash text COLLATE "C" NOT NULL,
  evaluated_at timestamptz(3) NOT NULL,
  -- The first day on which time alone changes the answer, or on which it has to be asked again; null when only the record can.
  next_change_date date,
  -- { "<group>": ["Immunization/…"] }: what was counted; and { "<group>": [["Encounter/…"]] }: the episodes of each unit of the answer.
  evidence jsonb,
  episodes jsonb,
  PRIMARY KEY (measure, period_start, period_end, patient_id)
);
CREATE INDEX measure_result_patient ON measure_result (patient_id);
CREATE INDEX measure_result_due ON measure_result (next_change_date) WHERE next_change_date IS NOT NULL;
