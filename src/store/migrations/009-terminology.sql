-- Concepts of large code systems, loaded from their release files. Small ones are CodeSystem resources in the store.

CREATE TABLE terminology_system (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  url text NOT NULL,
  -- Empty where a file names no version.
  version text NOT NULL,
  name text,
  -- Property name to R4 property type.
  properties jsonb NOT NULL DEFAULT '{}',
  loaded_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (url, version)
);

CREATE TABLE terminology_concept (
  system_id bigint NOT NULL REFERENCES terminology_system (id) ON DELETE CASCADE,
  code text NOT NULL,
  -- The place in the file: the order of every expansion.
  position integer NOT NULL,
  display text,
  parents text[] NOT NULL DEFAULT '{}',
  -- Every concept above, however far: is-a without walking.
  ancestors text[] NOT NULL DEFAULT '{}',
  -- Property name to its values as text.
  properties jsonb NOT NULL DEFAULT '{}',
  designations jsonb NOT NULL DEFAULT '[]',
  active boolean NOT NULL DEFAULT true,
  abstract boolean NOT NULL DEFAULT false,
  -- The words of display and code, for the prefix search of `filter`.
  words tsvector NOT NULL,
  PRIMARY KEY (system_id, code)
);
CREATE INDEX terminology_concept_position ON terminology_concept (system_id, position);
CREATE INDEX terminology_concept_ancestors ON terminology_concept USING gin (ancestors);
CREATE INDEX terminology_concept_words ON terminology_concept USING gin (words);
