-- Accounts that the demo has made: no production server lets anybody in with them.
ALTER TABLE auth_account ADD COLUMN demo boolean NOT NULL DEFAULT false;
