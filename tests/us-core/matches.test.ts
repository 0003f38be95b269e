import { expect, test } from '@jest/globals';
import { meets } from './support/matches.ts';

/** The check that the search tests rest on, against answers worked out by hand. */
const encounter = {
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: 'http://x.example', code: 'AMB' },
  subject: { reference: 'Patient/ann' },
  period: { start: '2026-09-14T09:30:00-07:00', end: '2026-09-14T10:15:00-07:00' },
};
const patient = {
  resourceType: 'Patient',
  name: [{ family: 'Everyfield', given: ['Wilhelmina'] }],
  birthDate: '2009-04-02',
};

test.each([
  [encounter, 'class', 'AMB', true],
  [encounter, 'class', 'http://x.example|AMB', true],
  [encounter, 'class', 'http://y.example|AMB', false],
  [encounter, 'class', '|AMB', false],
  [encounter, 'class', 'amb', false],
  [encounter, 'status', 'planned,finished', true],
  [encounter, 'status', 'planned,cancelled', false],
  [encounter, 'patient', 'ann', true],
  [encounter, 'patient', 'http://a.example/fhir/Patient/ann', true],
  [encounter, 'patient', 'Patient/annabel', false],
  [encounter, 'patient', 'Group/ann', false],
  [encounter, 'date', '2026-09-14', true],
  [encounter, 'date', '2026-09-15', false],
  [encounter, 'date', 'ge2026-09-14T16:30:00Z', true],
  [encounter, 'date', 'gt2026-09-14T17:16:00Z', false],
  [encounter, 'date', 'lt2026-09-14T16:30:00Z', false],
  [encounter, 'date', 'le2026-09-14T12:31:00-04:00', true],
  [patient, 'name', 'wil', true],
  [patient, 'name', 'field', false],
  [patient, 'family', 'Wilhelmina', false],
  [patient, 'birthdate', '2009-04-02', true],
  [patient, 'birthdate', '2009-04-03', false],
])('%j %s=%s: %s', (resource, code, value, expected) => {
  expect(meets(resource, code, value)).toBe(expected);
});
