-- The audit trail (docs/decisions/audit.md). Entries wait in audit_pending, in the commit of the work they tell of, until the sealer moves them
-- into audit_event, block by block. Nobody changes or removes a row by accident: the guards let through what says what it is doing.
CREATE SEQUENCE audit_seq;

-- No index, so that a request pays for nothing but the row.
CREATE TABLE audit_pending (
  seq bigint NOT NULL DEFAULT nextval('audit_seq'),
  patients text[] COLLATE "C" NOT NULL,
  -- One line of JSON: see access/audit/entry.ts.
  entry text COLLATE "C" NOT NULL
);

-- What a block seals are the rows of audit_event that name it. `hash` is the SHA-256 of the block, `previous` that of the one before: hexadecimal.
CREATE TABLE audit_block (
  number bigint PRIMARY KEY,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  events integer NOT NULL,
  sealed text COLLATE "C" NOT NULL,
  previous text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL
);

-- The columns between `block` and `entry` say again what the entry says, for indexes; verification compares them.
CREATE TABLE audit_event (
  seq bigint PRIMARY KEY,
  block bigint NOT NULL,
  recorded timestamptz(3) NOT NULL,
  patients text[] COLLATE "C" NOT NULL,
  client text COLLATE "C",
  person text COLLATE "C",
  act text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  entry text COLLATE "C" NOT NULL
);
CREATE INDEX audit_event_block ON audit_event (block, seq);
CREATE INDEX audit_event_recorded ON audit_event (recorded, seq);
CREATE INDEX audit_event_patients ON audit_event USING gin (patients);
CREATE INDEX audit_event_person ON audit_event (person, seq) WHERE person IS NOT NULL;
CREATE INDEX audit_event_client ON audit_event (client, seq) WHERE client IS NOT NULL;
CREATE INDEX audit_event_act ON audit_event (act, seq);

-- Left by pruning: the chain goes on from the hash of the last block that was taken away.
CREATE TABLE audit_checkpoint (
  number bigint PRIMARY KEY,
  hash text COLLATE "C" NOT NULL,
  events bigint NOT NULL,
  pruned_before timestamptz(3) NOT NULL,
  made timestamptz(3) NOT NULL
);

-- `careweave.audit` says, for one transaction, what the sealer or the pruning command is doing.
CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('careweave.audit', true) = TG_ARGV[0] THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit trail is only ever added to (%)', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_pending_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_pending
  FOR EACH STATEMENT EXECUTE FUNCTION audit_guard('seal');
CREATE TRIGGER audit_event_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION audit_guard('prune');
CREATE TRIGGER audit_block_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_block
  FOR EACH STATEMENT EXECUTE FUNCTION audit_guard('prune');
CREATE TRIGGER audit_checkpoint_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION audit_guard('never');
