-- Which of a record's own categories it has by its labelled parts only (fhir/labelled-parts.ts). Null: it is not told in part, because it has
-- none, or because its index was made with them.
ALTER TABLE resource ADD COLUMN part_categories bigint;
