-- Which process holds a lease: when it is known to be gone, nobody has to wait for the lease to run out.
alter table ehr_site add column lease_owner text;
alter table ehr_outbox add column lease_owner text;
