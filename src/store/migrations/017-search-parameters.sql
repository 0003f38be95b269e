-- Search parameters that were added as SearchParameter resources: which are in use, and how far the resources are indexed by them.
CREATE TABLE search_parameter (
  -- Of the SearchParameter resource.
  id text COLLATE "C" PRIMARY KEY,
  code text COLLATE "C" NOT NULL,
  -- The resource types that have it by this definition.
  types text[] NOT NULL,
  -- The resource as it was when it came into use.
  definition text NOT NULL,
  -- Number of the set of definitions in which it came into use as it is now.
  generation integer NOT NULL,
  ready boolean NOT NULL DEFAULT false,
  -- How far the job is: all resources up to this key are indexed by it; how many there were to do, and are done.
  after_key bigint NOT NULL DEFAULT 0,
  total integer,
  done integer NOT NULL DEFAULT 0
);

-- Counted up with every change to the set of definitions in use, so that every process can see that what it knows is old.
CREATE TABLE search_generation (
  number integer NOT NULL
);
INSERT INTO search_generation (number) VALUES (1);

-- What a transaction that writes begins with: it holds the generation its process knows until it ends. The lock comes first, so that
-- whoever changes the set after the look finds it held. VOLATILE, so that the look sees what was committed while it waited.
CREATE FUNCTION use_search_generation(known integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7262017, known);
  IF NOT EXISTS (SELECT FROM search_generation WHERE number = known) THEN
    RAISE EXCEPTION 'the search parameters in use have changed' USING ERRCODE = 'CW017';
  END IF;
END $$;
