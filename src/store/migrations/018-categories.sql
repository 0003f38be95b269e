-- Privacy categories of a record, a bit each: those of its own content, and these together with what it inherits from what produced it.
-- A deleted record keeps its own. Nearly every record has none.
ALTER TABLE resource
  ADD COLUMN own_categories bigint NOT NULL DEFAULT 0,
  ADD COLUMN categories bigint NOT NULL DEFAULT 0;
CREATE INDEX resource_categorized ON resource (self) WHERE categories <> 0;

-- By which references a record inherits: the masks of reference parameters (search/token.ts).
CREATE TABLE category_inheritance (
  type text COLLATE "C" NOT NULL,
  mask bigint NOT NULL,
  PRIMARY KEY (type, mask)
);

-- What a record inherits from the resources that its tokens refer to.
CREATE FUNCTION inherited_categories(record resource) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(bit_or(s.categories), 0)
    FROM category_inheritance i, unnest(record.tokens) AS t JOIN resource s ON true
   WHERE i.type = record.type AND s.self = t # i.mask AND s.categories <> 0 AND s.self <> record.self
$$;

-- The categories of a record have changed: so do those of what refers to it, and so on, in the same transaction. Who writes what refers to it
-- holds the record's lock meanwhile (write/rows.ts), so nothing that is not committed yet is missed.
CREATE FUNCTION pass_on_categories() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed bigint[] := ARRAY[NEW.self];
  links bigint[];
BEGIN
  FOR round IN 1..100 LOOP
    PERFORM pg_advisory_xact_lock(7262018, l.lock)
      FROM (SELECT DISTINCT (c & 255)::integer AS lock FROM unnest(changed) AS c ORDER BY 1) l;
    links := ARRAY(SELECT DISTINCT c # i.mask FROM unnest(changed) AS c, (SELECT DISTINCT mask FROM category_inheritance) i);
    WITH done AS (
      UPDATE resource d SET categories = d.own_categories | inherited_categories(d)
       WHERE d.tokens && links AND d.categories <> (d.own_categories | inherited_categories(d))
      RETURNING d.self)
    SELECT array_agg(self) INTO changed FROM done;
    IF changed IS NULL THEN
      RETURN NULL;
    END IF;
  END LOOP;
  RAISE EXCEPTION 'records inherit their categories from each other without an end';
END $$;

CREATE TRIGGER resource_categorized AFTER INSERT ON resource FOR EACH ROW
  WHEN (NEW.categories <> 0 AND pg_trigger_depth() = 0) EXECUTE FUNCTION pass_on_categories();
CREATE TRIGGER resource_recategorized AFTER UPDATE OF categories ON resource FOR EACH ROW
  WHEN (NEW.categories <> OLD.categories AND pg_trigger_depth() = 0) EXECUTE FUNCTION pass_on_categories();
