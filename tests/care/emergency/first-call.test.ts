import { describe, expect, test } from '@jest/globals';
import type { Contact } from '../../../src/care/emergency/first-call/contacts.ts';
import { contactsOf } from '../../../src/care/emergency/first-call/contacts.ts';
import { firstCall } from '../../../src/care/emergency/first-call/first-call.ts';
import { type Hours, hoursText, opennessAt } from '../../../src/care/emergency/first-call/hours.ts';
import { indexOf } from '../../../src/fhir/plan-view/index-of.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import * as j from '../../journeys/support/nicu-child.ts';

const week = ['mon', 'tue', 'wed', 'thu', 'fri'];
const clinic: Hours = {
  zone: 'America/New_York',
  available: [{ daysOfWeek: week, availableStartTime: '08:00:00', availableEndTime: '17:00:00' }],
};
const night: Hours = {
  zone: 'America/New_York',
  available: [{ daysOfWeek: ['sat', 'sun'], availableStartTime: '22:00:00', availableEndTime: '06:00:00' }],
};
const state = (hours: Hours, at: string) => opennessAt(hours, new Date(at)).state;

describe('opening hours', () => {
  test.each([
    // Sunday at two, the hour before it opens on Monday, its first and last moment.
    ['2026-11-22T02:00:00-05:00', 'closed'],
    ['2026-11-23T07:59:59-05:00', 'closed'],
    ['2026-11-23T08:00:00-05:00', 'open'],
    ['2026-11-23T16:59:59-05:00', 'open'],
    ['2026-11-23T17:00:00-05:00', 'closed'],
    // The same hours in summer time, and asked for in another zone.
    ['2026-07-06T08:00:00-04:00', 'open'],
    ['2026-07-06T08:00:00-05:00', 'open'],
    ['2026-07-06T07:30:00-04:00', 'closed'],
    ['2026-07-06T12:00:00Z', 'open'],
    ['2026-01-05T12:30:00Z', 'closed'],
  ])('S1.15 of a clinic at %s: %s', (at, expected) => {
    expect(state(clinic, at)).toBe(expected);
  });

  test.each([
    ['2026-11-21T22:30:00-05:00', 'open'],
    ['2026-11-22T05:59:00-05:00', 'open'],
    ['2026-11-22T06:00:00-05:00', 'closed'],
    ['2026-11-23T05:00:00-05:00', 'open'],
    ['2026-11-23T23:00:00-05:00', 'closed'],
    ['2026-11-21T05:00:00-05:00', 'closed'],
    // The night in which clocks go forward, and the one in which an hour comes twice.
    ['2026-03-08T06:59:00Z', 'open'],
    ['2026-03-08T07:00:00Z', 'open'],
    ['2026-03-08T09:59:00Z', 'open'],
    ['2026-03-08T10:00:00Z', 'closed'],
    ['2026-11-01T05:30:00Z', 'open'],
    ['2026-11-01T06:30:00Z', 'open'],
    ['2026-11-01T10:59:00Z', 'open'],
    ['2026-11-01T11:00:00Z', 'closed'],
  ])('S1.15 past midnight, at %s: %s', (at, expected) => {
    expect(state(night, at)).toBe(expected);
  });

  test('S1.15 holidays close it, by its own calendar, and say why', () => {
    const closed: Hours = {
      ...clinic,
      notAvailable: [{ description: 'Thanksgiving', during: { start: '2026-11-26', end: '2026-11-27' } }],
    };
    expect(opennessAt(closed, new Date('2026-11-26T10:00:00-05:00'))).toEqual({ state: 'closed', why: 'Thanksgiving' });
    expect(state(closed, '2026-11-27T16:00:00-05:00')).toBe('closed');
    expect(state(closed, '2026-11-25T16:00:00-05:00')).toBe('open');
    expect(state(closed, '2026-11-30T09:00:00-05:00')).toBe('open');
    const meeting: Hours = {
      ...clinic,
      notAvailable: [
        { description: 'Meeting', during: { start: '2026-11-23T15:00:00Z', end: '2026-11-23T16:00:00Z' } },
      ],
    };
    expect(state(meeting, '2026-11-23T10:30:00-05:00')).toBe('closed');
    expect(state(meeting, '2026-11-23T11:00:00-05:00')).toBe('open');
  });

  test('nobody wrote them down: not known; a day as a whole, and every day', () => {
    expect(state({ zone: 'UTC' }, '2026-11-23T12:00:00Z')).toBe('unknown');
    expect(state({ zone: 'UTC', available: [{ daysOfWeek: ['mon'], allDay: true }] }, '2026-11-23T23:59:59Z')).toBe(
      'open',
    );
    expect(state({ zone: 'UTC', available: [{ availableStartTime: '09:00:00' }] }, '2026-11-22T23:59:59Z')).toBe(
      'open',
    );
    const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
    expect(hoursText(clinic, names, 'always')).toBe('Mon–Fri 08:00–17:00');
    expect(hoursText({ zone: 'UTC', available: [{ allDay: true }] }, names, 'always')).toBe('always');
  });
});

describe('whom to call first', () => {
  const contact = (name: string, kind: string, hours: Hours = { zone: 'UTC' }, symptoms: string[] = []): Contact => ({
    name,
    kind,
    hours,
    symptoms: symptoms.map((code) => ({ coding: [{ code }] })),
  });
  const ambulance = contact('Ambulance', 'emergency-services');
  const room = contact('Room', 'emergency-department');
  const order = (contacts: Contact[], at: string, symptom?: string) =>
    firstCall(contacts, new Date(at), symptom).inOrder.map(({ contact: { name } }) => name);
  const all = [
    ambulance,
    contact('Clinic', 'clinic', clinic),
    contact('On call', 'on-call'),
    contact('Vents', 'supplier', { zone: 'UTC' }, ['device-failure']),
    room,
  ];

  test('S1.15 at 02:00 on Sunday the on-call route, not the closed clinic; by day the clinic; emergency services last', () => {
    expect(order(all, '2026-11-22T02:00:00-05:00')).toEqual(['On call', 'Vents', 'Room', 'Ambulance']);
    expect(order(all, '2026-11-23T09:00:00-05:00')).toEqual(['Clinic', 'On call', 'Vents', 'Room', 'Ambulance']);
    expect(firstCall(all, new Date('2026-11-22T02:00:00-05:00')).closed.map(({ contact: { name } }) => name)).toEqual([
      'Clinic',
    ]);
  });

  test('S1.15 by symptom: who is named for it comes before those for anything, who is named for another does not come at all', () => {
    expect(order(all, '2026-11-23T09:00:00-05:00', 'seizure')).toEqual(['Clinic', 'On call', 'Room', 'Ambulance']);
    const named = [
      contact('Clinic', 'clinic', clinic),
      contact('Seizure line', 'on-call', { zone: 'UTC' }, ['seizure']),
      ambulance,
    ];
    expect(order(named, '2026-11-23T09:00:00-05:00', 'seizure')).toEqual(['Seizure line', 'Clinic', 'Ambulance']);
    const first = contact('Ambulance', 'emergency-services', { zone: 'UTC' }, ['not-breathing']);
    expect(order([contact('Clinic', 'clinic', clinic), first], '2026-11-23T09:00:00-05:00', 'not-breathing')).toEqual([
      'Ambulance',
      'Clinic',
    ]);
  });

  test('nobody is there: nobody is named', () => {
    expect(order([contact('Clinic', 'clinic', clinic)], '2026-11-22T02:00:00-05:00')).toEqual([]);
  });

  test('contacts take hours, zone and number from the service they name; one that is kept back is not told', () => {
    const plan = j.accessPlan() as any;
    const known = contactsOf(plan, indexOf(j.town(), new Map()), 'UTC');
    expect(known.map(({ name, phone, hours }) => [name, phone, hours.zone])).toEqual([
      ['Airway clinic, Harbor Children’s Hospital', '555-0151', 'America/New_York'],
      ['Pulmonology on call', '555-0152', 'America/New_York'],
      ['Breathe Home Supply', '555-0177', 'UTC'],
      ['Harbor Children’s Hospital', '555-0150', 'UTC'],
      ['Ambulance', '911', 'UTC'],
    ]);
    const without = j.town().filter(({ id }: Resource) => id !== 'nicu-on-call');
    expect(contactsOf(plan, indexOf(without, new Map()), 'UTC').map(({ name }) => name)).not.toContain(
      'Pulmonology on call',
    );
  });
});
