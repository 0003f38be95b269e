import { describe, expect, test } from '@jest/globals';
import { categoriesOf } from '../../../src/access/policy/categories.ts';
import { compilePolicy } from '../../../src/access/policy/compile.ts';
import type { PolicyDocument } from '../../../src/access/policy/document.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { unwrap } from '../../support/house.ts';
import { policyReader } from '../../support/policy-reader.ts';

const reader = policyReader();
const shipped = unwrap(reader.shipped());
const policy = compilePolicy(shipped, new Set(['Patient', 'Observation']));
const changed = (change: (policy: PolicyDocument) => void): unknown => {
  const copy = structuredClone(shipped);
  change(copy);
  return copy;
};

describe('a policy', () => {
  test('TH-65 one that is malformed, or contradicts itself, is refused and says where, never what', () => {
    const broken: unknown[] = [
      undefined,
      {},
      [],
      changed((one) => Object.assign(one, { further: true })),
      changed((one) => Object.assign(one.thresholds, { limited: 9 })),
      changed((one) => Object.assign(one.thresholds, { adult: 17 })),
      changed((one) => Object.assign(one, { timeZone: 'Nowhere/Nothing' })),
      changed((one) => one.inherits.Goal?.push('no-such-parameter')),
      changed((one) => one.categories.push(...one.categories.slice(0, 1))),
      changed((one) => Object.assign(one.categories[0] ?? {}, { bit: 1 })),
      changed((one) => Object.assign(one.categories[0] ?? {}, { bit: 62 })),
      changed((one) => Object.assign(one.bases.parent ?? {}, { teen: 'no-such-class' })),
      changed((one) => Object.assign(one.classes.full ?? {}, { hides: ['no-such-category'] })),
      changed((one) => Object.assign(one.classes.full ?? {}, { redaction: 'no-such-redaction' })),
      changed((one) => one.categories[0]?.labels.push('no-such-system|X')),
      changed((one) => Object.assign(one.emergencyAccess, { maxHours: 0 })),
      changed((one) => Reflect.deleteProperty(one.classes, 'none')),
    ];
    for (const value of broken) expect(reader.check(value).ok).toBe(false);
    expect(reader.check(shipped).ok).toBe(true);
  });

  test('PP-02 the one that is shipped lets no proxy see abuse or psychotherapy notes, at any age, by any basis', () => {
    const closed = ['abuse', 'psychotherapy-notes', 'undiscussed', 'very-restricted'];
    for (const { needs: _needs, decides: _decides, ...byAge } of Object.values(shipped.bases))
      for (const name of Object.values(byAge)) {
        const one = policy.classes.get(name);
        if (!one || one.grants.length === 0) continue;
        for (const category of closed)
          expect([name, category, (one.hides & ~one.opens & (policy.bits.get(category) ?? 0n)) !== 0n]).toEqual([
            name,
            category,
            true,
          ]);
      }
  });

  test('PP-32 whoever sees a teen without the teen’s leave has a list of what may be seen, and a redaction', () => {
    for (const name of ['limited', 'foster', 'agency']) {
      const one = policy.classes.get(name);
      expect(one?.hides).toBe(policy.all);
      expect(one?.redaction).toBeDefined();
      expect(one?.grants.every(({ types }) => types !== 'any')).toBe(true);
    }
  });
});

describe('what a record is', () => {
  const of = (resource: object) => {
    const bits = categoriesOf({ resourceType: 'Observation', ...resource } as Resource, policy);
    return [...policy.bits].filter(([, bit]) => (bits & bit) !== 0n).map(([name]) => name);
  };
  const icd = (code: string) => ({ code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] } });
  const security = (system: string, code: string) => ({
    meta: { security: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] },
  });

  test('PP-30 nothing for ordinary codes, or for a code of another system', () => {
    expect(of(icd('J45.909'))).toEqual([]);
    expect(of(icd('F90.2'))).toEqual([]);
    expect(of(icd('F84.0'))).toEqual([]);
    expect(of({ code: { coding: [{ system: 'http://example.org', code: 'F32.1' }] } })).toEqual([]);
    expect(of(security('v3-Confidentiality', 'N'))).toEqual([]);
  });

  test('PP-30 by rules about codes, wherever they stand, with or without a dot, in either case', () => {
    expect(of(icd('F32.1'))).toEqual(['behavioral-health']);
    expect(of(icd('f321'))).toEqual(['behavioral-health']);
    expect(of(icd('Z30.011'))).toEqual(['sexual-health']);
    expect(of(icd('T74.12XA'))).toEqual(['abuse']);
    expect(of({ contained: [{ resourceType: 'Condition', ...icd('F11.20') }] })).toEqual(['substance-use']);
    expect(of({ component: [{ code: { coding: [{ system: 'http://loinc.org', code: '21613-5' }] } }] })).toEqual([
      'sexual-health',
    ]);
    expect(
      of({ resourceType: 'QuestionnaireResponse', questionnaire: 'http://example.org/Questionnaire/phq-a|1.0' }),
    ).toEqual(['behavioral-health']);
    expect(of({ resourceType: 'FamilyMemberHistory' })).toEqual(['parent-own']);
  });

  test('PP-30 by labels; R alone is a category of its own, R with a reason is the reason', () => {
    expect(of(security('v3-ActCode', 'STD'))).toEqual(['sexual-health']);
    expect(of(security('v3-Confidentiality', 'V'))).toEqual(['very-restricted']);
    expect(of(security('v3-Confidentiality', 'R'))).toEqual(['restricted']);
    const both = [...security('v3-Confidentiality', 'R').meta.security, ...security('v3-ActCode', 'MH').meta.security];
    expect(of({ meta: { security: both } })).toEqual(['behavioral-health']);
    expect(of({ contained: [{ resourceType: 'Basic', ...security('v3-ActCode', 'SUD') }] })).toEqual(['substance-use']);
  });
});
