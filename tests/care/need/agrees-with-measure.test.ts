import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cascadeOf } from '../../../src/care/need/cascade.ts';
import { screeningCodes } from '../../../src/care/need/screenings.ts';
import { needsOf, stages } from '../../../src/care/need/stages.ts';
import type { Resource } from '../../../src/fhir/types.ts';

const root = path.join(import.meta.dirname, '../../..');
const children = path.join(root, 'fixtures/measures/social-needs-followed');
const year = { start: '2026-01-01', end: '2026-12-31' };
const today = '2027-01-15';

/** The measure is about children: alive and under 21 on the last day. */
function isChild(records: readonly Resource[]): boolean {
  const patient = records.find(({ resourceType }) => resourceType === 'Patient');
  const { birthDate, deceasedBoolean, deceasedDateTime } = patient ?? { resourceType: 'Patient' };
  const isDead = deceasedBoolean === true || (typeof deceasedDateTime === 'string' && deceasedDateTime <= year.end);
  return !isDead && typeof birthDate === 'string' && birthDate > '2005-12-31';
}

/** What the register counts of one of the measure's groups, in the words of the file names. */
function counted(group: string, records: readonly Resource[]): string[] {
  if (!isChild(records)) return [];
  const counts = cascadeOf(records, today, year);
  if (group === 'screened') return [counts.screened > 0 ? 'numerator' : 'denominator'];
  if (group === 'need-found') {
    if (counts.screened === 0) return [];
    return [counts.positive > 0 ? 'numerator' : 'denominator'];
  }
  const at = stages.map(String).indexOf(group);
  const needs = needsOf(records, year.end).filter(({ since = '' }) => since >= year.start && since <= year.end);
  return needs
    .map(({ stage }) => stages.indexOf(stage))
    .filter((reached) => reached >= at - 1)
    .map((reached) => (reached >= at ? 'numerator' : 'denominator'));
}

describe('S2.15 the register counts as the measure social-needs-followed does', () => {
  const files = readdirSync(children);
  test.each(files)('%s', (file) => {
    const [, expected = '', group = ''] = /^([a-z-]+?)-of-(.+?)-when-.+\.json$/.exec(file) ?? [];
    const bundle = JSON.parse(readFileSync(path.join(children, file), 'utf8'));
    const records: Resource[] = bundle.entry.map(({ resource }: { resource: Resource }) => resource);
    const promised = expected === 'outside' ? [] : expected.split('-and-');
    expect(counted(group, records).sort()).toEqual(promised.sort());
    const counts = cascadeOf(records, today, year);
    // Each stage is at most the one before.
    for (const [at, stage] of stages.entries()) {
      const before = stages[at - 1];
      if (before) expect(counts[stage]).toBeLessThanOrEqual(counts[before]);
    }
  });

  test('of all groups there are children', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  test('both take the same answers for a screening', () => {
    const list = path.join(root, 'profiles/measures/social-needs-followed/value-sets/social-needs-screening.json');
    const { compose } = JSON.parse(readFileSync(list, 'utf8'));
    const codes = compose.include.flatMap(({ concept }: any) => concept.map(({ code }: any) => code));
    expect([...screeningCodes].sort()).toEqual(codes.sort());
  });
});
