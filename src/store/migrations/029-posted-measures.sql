-- Measures that users post (src/measures/posted/).

-- Counts changes to Measures, Libraries, ValueSets and CodeSystems: a server that knows an older number reads them again.
CREATE TABLE measure_generation (
  number bigint NOT NULL
);
INSERT INTO measure_generation (number) VALUES (1);

-- CQL that was translated, so that no server has to do it again. Can be made anew at any time.
CREATE TABLE measure_translation (
  -- SHA-256 of the translator, the CQL and the CQL of what it includes.
  source_hash text COLLATE "C" PRIMARY KEY,
  elm text NOT NULL,
  made_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX measure_translation_made ON measure_translation (made_at);

-- Value sets of ours that a user has put another content in the place of: a start leaves them alone.
CREATE TABLE measure_replaced (
  value_set_id text COLLATE "C" PRIMARY KEY
);
