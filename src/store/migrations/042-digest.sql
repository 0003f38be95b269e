-- The next month of which primary care is told for each enrollment (program/digest), and when that month is over in the program's time zone. A row for
-- as long as there is another month to tell of.
CREATE TABLE enrollment_digest (
  episode_id text COLLATE "C" PRIMARY KEY,
  -- YYYY-MM
  month text NOT NULL,
  due_at timestamptz(3) NOT NULL
);
CREATE INDEX enrollment_digest_due ON enrollment_digest (due_at);

-- Enrollments from before there were digests: told of from the present month on.
INSERT INTO enrollment_digest (episode_id, month, due_at)
  SELECT episode_id, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'),
         date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '1 month'
    FROM enrollment WHERE status IN ('active', 'onhold');
