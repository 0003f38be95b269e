-- Whether the emergency plan of a child is to be checked again, and why. Kept in the transaction that gave the reason; what time gives
-- (due_at) is read against the clock. The primary key is the rule: one active emergency plan per child.
CREATE TABLE emergency_plan (
  patient_id text COLLATE "C" PRIMARY KEY,
  plan_id text COLLATE "C" NOT NULL UNIQUE,
  -- When it was last checked: made active, or a review held.
  reviewed_at timestamptz(3) NOT NULL,
  -- Reference of whoever held the review.
  reviewed_by text,
  -- When it is to be checked whatever happens, and by which rule (codes of CodeSystem/emergency-plan-revalidation).
  due_at timestamptz(3) NOT NULL,
  due_reason text NOT NULL,
  -- What a change is measured against: {"grams": 9100, "weighedOn": "2026-11-02", "drugs": ["http://…|1234", "text"]}.
  baseline jsonb NOT NULL,
  -- What happened since: [{"code": "admission", "at": "…", "record": "Encounter/…"}].
  reasons jsonb NOT NULL DEFAULT '[]',
  -- The Task that asks for the check.
  task_id text COLLATE "C"
);
CREATE INDEX emergency_plan_due ON emergency_plan (due_at) WHERE task_id IS NULL;
