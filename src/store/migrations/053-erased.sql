-- Charts of sites whose child was erased here by command: the sync does not bring them back. Only a hash of what the site calls the patient.
CREATE TABLE ehr_erased (
  site text NOT NULL,
  patient_hash text COLLATE "C" NOT NULL,
  erased_at timestamptz(3) NOT NULL,
  PRIMARY KEY (site, patient_hash)
);
