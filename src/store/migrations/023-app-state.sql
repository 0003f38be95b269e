-- App State (SMART App Launch 2.2): what apps keep for themselves, apart from all that is clinical. Nothing here is a resource: no search,
-- no $everything and no export of anybody's reaches it.
CREATE TABLE app_state (
  id uuid PRIMARY KEY,
  version integer NOT NULL,
  code_system text NOT NULL,
  code text NOT NULL,
  -- Type/id of whom it is about; absent: of all users of the app.
  subject text,
  -- Among whom it is kept: 'staff', one person of a family, or 'all' (no subject).
  circle text NOT NULL,
  -- The Basic as the app wrote it; absent once it was deleted.
  content text,
  updated_at timestamptz NOT NULL
);
CREATE INDEX app_state_place ON app_state (code_system, code, subject) WHERE content IS NOT NULL;
