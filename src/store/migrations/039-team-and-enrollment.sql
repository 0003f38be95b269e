-- Why somebody is on a child's care team without having been put there by hand: an accepted Task, an enrollment. A row for as long as the reason
-- holds; when the last one of a member goes, the membership ends. Written in the transaction of the Task or EpisodeOfCare.
CREATE TABLE team_reason (
  -- `Task/…` or `EpisodeOfCare/…`.
  reason text COLLATE "C" PRIMARY KEY,
  patient_id text COLLATE "C" NOT NULL,
  -- `Practitioner/…`, `PractitionerRole/…`, `Organization/…`, `CareTeam/…`.
  member text COLLATE "C" NOT NULL
);
CREATE INDEX team_reason_member ON team_reason (patient_id, member);

-- Whom people took out of a child's care team: neither Tasks nor enrollments nor composing put them back. Gone when somebody puts them back.
CREATE TABLE team_removed (
  patient_id text COLLATE "C" NOT NULL,
  member text COLLATE "C" NOT NULL,
  PRIMARY KEY (patient_id, member)
);

-- Shared plans that people made active for a child without a primary care clinician, with their reason: each is counted.
CREATE TABLE primary_care_override (
  plan_id text COLLATE "C" PRIMARY KEY,
  patient_id text COLLATE "C" NOT NULL,
  at timestamptz(3) NOT NULL
);

-- What of each enrollment in care management (an EpisodeOfCare) is asked over many children: panels, caseload, overlap. Never the source.
CREATE TABLE enrollment (
  episode_id text COLLATE "C" PRIMARY KEY,
  patient_id text COLLATE "C" NOT NULL,
  -- Of the HealthcareService that is the program.
  program_id text COLLATE "C" NOT NULL,
  status text NOT NULL,
  -- `Practitioner/…` or `PractitionerRole/…`.
  manager text COLLATE "C",
  tier text,
  eligible_from date NOT NULL,
  enrolled_from date,
  ended_on date
);
CREATE INDEX enrollment_patient ON enrollment (patient_id);
CREATE INDEX enrollment_program ON enrollment (program_id, episode_id);
CREATE INDEX enrollment_manager ON enrollment (manager) WHERE manager IS NOT NULL;
