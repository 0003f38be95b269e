-- When each consent runs out by its own period (care/consent-end). A row for as long as nobody has looked what ends with it.
CREATE TABLE consent_end (
  consent_id text COLLATE "C" PRIMARY KEY,
  ends_at timestamptz(3) NOT NULL
);
CREATE INDEX consent_end_at ON consent_end (ends_at);

-- Consents from before: the first run of the job works out when they end. Of a leave that ended long ago nobody is told any more, but an enrollment
-- that still runs on a consent whose time is over ends. A deleted one has no content, so it is not read.
INSERT INTO consent_end (consent_id, ends_at)
  SELECT id, '2000-01-01' FROM (
    SELECT id, content, CASE WHEN NOT deleted THEN content::json #>> '{provision,period,end}' END AS period_end
      FROM resource WHERE type = 'Consent' AND NOT deleted
  ) consent
  WHERE period_end IS NOT NULL
    AND (left(period_end, 10) >= to_char(now() - interval '2 days', 'YYYY-MM-DD') OR length(period_end) < 10
      OR strpos(content, '/CodeSystem/program-consent') > 0);
