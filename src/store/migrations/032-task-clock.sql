-- How long each Task that somebody has still to do something about has stood where it stands, and when that is too long. Kept in the
-- transaction of the Task; never a history.
CREATE TABLE task_clock (
  task_id text COLLATE "C" PRIMARY KEY,
  patient_id text COLLATE "C",
  -- `Practitioner/…`; null: nobody's.
  owner text COLLATE "C",
  is_referral boolean NOT NULL DEFAULT false,
  -- The request of ours that a referral's Task fulfills.
  request_id text COLLATE "C",
  -- Of a referral its canonical state, else Task.status; null: of a Task from before this table, not yet looked at.
  state text,
  entered_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  -- Null: no clock runs.
  due_at timestamptz(3),
  -- The Task that tells somebody that this one is overdue.
  escalation_id text COLLATE "C"
);
CREATE INDEX task_clock_due ON task_clock (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX task_clock_owner ON task_clock (owner);
CREATE INDEX task_clock_patient ON task_clock (patient_id);
CREATE INDEX task_clock_request ON task_clock (request_id) WHERE request_id IS NOT NULL;

INSERT INTO task_clock (task_id, entered_at, changed_at)
  SELECT id, last_updated, last_updated FROM resource WHERE type = 'Task' AND NOT deleted;
