-- What computing kept answers once more has found, since the database was made: by measure how many differed, and under '' how many were checked.
CREATE TABLE measure_verification (
  measure text COLLATE "C" PRIMARY KEY,
  checked bigint NOT NULL,
  differing bigint NOT NULL,
  at timestamptz(3) NOT NULL
);
-- Answers that nobody has any more are looked for every night.
CREATE INDEX measure_result_answer ON measure_result (answer);
