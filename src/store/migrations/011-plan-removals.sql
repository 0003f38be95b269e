-- What people took out of a child's shared plan: composing does not put it back. A decision is remembered (decision D19).
-- Written by an effect on CarePlan, in the transaction of the plan itself.
CREATE TABLE shared_plan_removed (
  plan_id text NOT NULL,
  element text NOT NULL CHECK (element IN ('addresses', 'goal', 'activity')),
  reference text NOT NULL,
  PRIMARY KEY (plan_id, element, reference)
);
