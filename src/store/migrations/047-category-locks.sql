-- As before, but who inserts a record holds its lock already, if anybody can have referred to it (categories.ts, sourceLocks): all locks of what is
-- written together are taken at once and in one order, where row after row took its own, and two large transactions often waited for each other.
CREATE OR REPLACE FUNCTION pass_on_categories() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed bigint[] := ARRAY[NEW.self];
  links bigint[];
BEGIN
  FOR round IN 1..100 LOOP
    IF round > 1 OR TG_OP = 'UPDATE' THEN
      PERFORM pg_advisory_xact_lock(7262018, l.lock)
        FROM (SELECT DISTINCT (c & 255)::integer AS lock FROM unnest(changed) AS c ORDER BY 1) l;
    END IF;
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
