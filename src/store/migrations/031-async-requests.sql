-- Operations that answer later (Prefer: respond-async). The answer stays for a while and is given to the caller who asked, and to no other.
CREATE TABLE async_request (
  id uuid PRIMARY KEY,
  -- Hash of who asked, with what rights.
  owner text COLLATE "C" NOT NULL,
  -- `GET Measure/$evaluate-measure`: never parameters, which may name a person.
  request text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  progress text NOT NULL,
  -- The resource of `done`; kind and issues of the error of `failed`.
  answer text,
  asked_at timestamptz(3) NOT NULL,
  -- A running one that has not been heard of for long was lost with its process.
  heard_at timestamptz(3) NOT NULL
);
CREATE INDEX async_request_owner ON async_request (owner, state);
