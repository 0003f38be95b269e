-- Counted up with every change to profiles, value sets and code systems, so that every process can see that what it remembers of
-- them is old.
CREATE TABLE conformance_generation (
  number bigint NOT NULL
);
INSERT INTO conformance_generation (number) VALUES (1);
