-- For what a client asks, as its registration says (codes of v3-PurposeOfUse): told with every access in the audit trail.
ALTER TABLE auth_client ADD COLUMN purposes text[] NOT NULL DEFAULT '{}';
