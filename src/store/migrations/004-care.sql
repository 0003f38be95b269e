-- One active shared plan of care per child (decision D1): the primary key is the rule.
-- Written by the effect on CarePlan, in the transaction of the plan itself.
CREATE TABLE shared_plan (
  patient_id text PRIMARY KEY,
  plan_id text NOT NULL UNIQUE
);
