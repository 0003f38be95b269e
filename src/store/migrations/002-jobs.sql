CREATE TABLE job (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'done', 'dead')),
  run_at timestamptz(3) NOT NULL,
  attempt integer NOT NULL DEFAULT 0,
  lease_until timestamptz(3),
  -- Goes up with every claim: a worker that lost its lease cannot finish the job of the next one.
  fence integer NOT NULL DEFAULT 0,
  -- Queued again while running: it has to run once more when it finishes.
  again boolean NOT NULL DEFAULT false,
  -- The kind of the last error, never its text.
  last_error text,
  finished_at timestamptz(3)
);
CREATE UNIQUE INDEX job_unfinished ON job (kind, key) WHERE state IN ('ready', 'running');
CREATE INDEX job_due ON job (run_at, number) WHERE state = 'ready';
CREATE INDEX job_leased ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_finished ON job (finished_at) WHERE state = 'done';
