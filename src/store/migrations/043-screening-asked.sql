-- The one Task of each child that asks for the screenings that are overdue (care/need/ask-job.ts), and when it was given.
CREATE TABLE screening_asked (
  patient_id text COLLATE "C" PRIMARY KEY,
  task_id text COLLATE "C" NOT NULL,
  asked_on date NOT NULL
);
