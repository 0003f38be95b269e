-- What a transaction presumed not to be there (src/store/session/presumed.ts) is there: it is undone, and done again by one who looks.
CREATE FUNCTION presume_none(is_there boolean) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF is_there THEN
    RAISE EXCEPTION 'what was presumed not to be there is there' USING ERRCODE = 'CW050';
  END IF;
END $$;
