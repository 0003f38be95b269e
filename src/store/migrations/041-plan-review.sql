-- When each active shared plan of care is to be gone through again, and the one Task that asks for it (care/plan/review).
CREATE TABLE plan_review (
  plan_id text PRIMARY KEY,
  patient_id text NOT NULL,
  -- The last day on which the plan counts as current; null: not worked out yet.
  due date,
  -- The Task that was given when that day had passed.
  task_id text
);

CREATE INDEX plan_review_due ON plan_review (due) WHERE task_id IS NULL;

-- Plans from before there was a clock: the job works out their day.
INSERT INTO plan_review (plan_id, patient_id) SELECT plan_id, patient_id FROM shared_plan;
