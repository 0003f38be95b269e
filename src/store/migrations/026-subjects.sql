-- Whether a further patient of a record is one that it is about, as the first one always is. R4's compartment also holds the records in which
-- somebody merely took part (as performer, author, recipient): those of another child are not shown for it.
ALTER TABLE resource_patient ADD COLUMN is_subject boolean NOT NULL DEFAULT true;
