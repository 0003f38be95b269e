-- Numbers and quantities, ranges of text and time by 64-bit names, and a number for each resource by which references join.
-- What is in the side tables already was named by other hashes: the index is written anew at the next start (index_version).
CREATE TABLE resource_number (
  key bigint NOT NULL,
  -- Hash of type, parameter and unit: search/token.ts.
  param bigint NOT NULL,
  -- What the value may be: equal for a plain number, two ends for a Range; infinite where an end is open.
  low numeric NOT NULL,
  high numeric NOT NULL
);
CREATE INDEX resource_number_range ON resource_number (param, low, high, key);
CREATE INDEX resource_number_key ON resource_number (key, param);

TRUNCATE resource_string, resource_date;
ALTER TABLE resource_string ALTER COLUMN param TYPE bigint;
ALTER TABLE resource_date ALTER COLUMN param TYPE bigint;

-- Hash of type and id. The token of a reference is this, XORed with a number of its parameter: who points here, and
-- where a resource points to, are both one look-up.
ALTER TABLE resource ADD COLUMN self bigint NOT NULL DEFAULT 0;
CREATE INDEX resource_self ON resource (self);
