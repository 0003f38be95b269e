-- Who works for a partner organization, or is its system: somebody who ever did is not staff again by a record that is deleted or ended.
-- `party`: Practitioner/…, PractitionerRole/… or client/<client id>. Kept by policy/partner-marks.ts and by `partner client` (commands.ts).
CREATE TABLE access_partner (
  party text COLLATE "C" NOT NULL,
  organization_id text COLLATE "C" NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (party, organization_id)
);
CREATE INDEX access_partner_organization ON access_partner (organization_id);
