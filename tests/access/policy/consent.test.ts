import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../../../src/access/policy/compile.ts';
import { denialOf, isPrivacyConsent, proxyConsent } from '../../../src/access/policy/consent.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { unwrap } from '../../support/house.ts';
import { policyReader } from '../../support/policy-reader.ts';

const document = unwrap(policyReader().shipped());
const policy = compilePolicy(document, new Set(['Patient', 'Observation']));
const now = new Date('2026-11-23T12:00:00Z');
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const label = (code: string) => ({ system: act, code });
const bit = (name: string) => policy.bits.get(name) ?? 0n;

/** A consent that is in order, for one that is not to be made of it. */
function consent(provision: object = {}, more: object = {}): Resource {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/proxy-basis', code: 'parent' }] }],
    patient: { reference: 'Patient/a' },
    verification: [{ verified: true }],
    provision: { type: 'permit', actor: [{ reference: { reference: 'RelatedPerson/m' } }], ...provision },
    ...more,
  };
}
const basis = (code: string) => ({
  category: [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/proxy-basis', code }] }],
});

describe('what a consent grants', () => {
  test('PP-01 a consent that is not active, not of privacy, or of another patient is none', () => {
    expect(isPrivacyConsent(consent(), 'a')).toBe(true);
    expect(isPrivacyConsent(consent(), 'b')).toBe(false);
    for (const status of ['draft', 'proposed', 'rejected', 'inactive', 'entered-in-error'])
      expect(isPrivacyConsent(consent({}, { status }), 'a')).toBe(false);
    expect(isPrivacyConsent(consent({}, { scope: { coding: [{ code: 'patient-privacy' }] } }), 'a')).toBe(false);
  });

  test('PP-03 without verification, without the document or the end that its basis needs, or of no basis we have, it grants nothing', () => {
    const grants = (more: object, provision: object = {}) => proxyConsent(consent(provision, more), policy, now)?.basis;
    expect(grants({})).toBe('parent');
    expect(grants({ verification: [{ verified: false }] })).toBeUndefined();
    expect(grants({ verification: undefined })).toBeUndefined();
    expect(grants(basis('guardian'))).toBeUndefined();
    expect(grants({ ...basis('guardian'), sourceReference: { reference: 'DocumentReference/d' } })).toBe('guardian');
    const paper = { ...basis('foster-parent'), sourceReference: { reference: 'DocumentReference/d' } };
    expect(grants(paper)).toBeUndefined();
    expect(grants(paper, { period: { end: '2026-12-31' } })).toBe('foster-parent');
    for (const code of ['friend', 'constructor', '__proto__']) expect(grants(basis(code))).toBeUndefined();
  });

  test('PP-01 whatever narrows it in a way that we do not read makes it none', () => {
    const narrowed: object[] = [
      { class: [{ code: 'Observation' }] },
      { code: [{ text: 'growth' }] },
      { data: [{ meaning: 'instance', reference: { reference: 'Observation/1' } }] },
      { dataPeriod: { start: '2020' } },
      { purpose: [{ code: 'TREAT' }] },
      { action: [{ coding: [{ code: 'access' }] }] },
      { securityLabel: [{ system: act, code: 'NO-SUCH' }] },
      { modifierExtension: [{ url: 'http://example.org/not', valueBoolean: true }] },
      { provision: [{ type: 'permit' }] },
      { provision: [{ type: 'deny', class: [{ code: 'Observation' }] }] },
      { provision: [{ type: 'deny' }] },
      { period: { start: '2027-01-01' } },
      { period: { end: 'when she says so' } },
    ];
    for (const provision of narrowed)
      expect([provision, proxyConsent(consent(provision), policy, now)]).toEqual([provision, undefined]);
  });

  test('PP-02 a teen opens and keeps back by categories', () => {
    const given = proxyConsent(
      consent(
        { securityLabel: [label('BH')], provision: [{ type: 'deny', securityLabel: [label('SUD')] }] },
        basis('teen-authorised'),
      ),
      policy,
      now,
    );
    expect(given).toMatchObject({ opens: bit('behavioral-health'), excludes: bit('substance-use') });
  });
});

describe('what a consent denies', () => {
  test('PP-20 what narrows a denial in a way that we do not read makes it a denial of everything', () => {
    const all: object[] = [
      {},
      { class: [{ code: 'Observation' }] },
      { securityLabel: [label('NO-SUCH')] },
      { period: { end: 'soon' } },
    ];
    for (const provision of all)
      expect(denialOf(consent({ type: 'deny', ...provision }), policy, now)).toMatchObject({ everything: true });
  });

  test('PP-20 it is over only when that is clear, and names everybody when it names nobody', () => {
    expect(denialOf(consent({ type: 'deny', period: { end: '2026-11-22' } }), policy, now)).toBeUndefined();
    expect(denialOf(consent({ type: 'deny', actor: undefined }), policy, now)?.actors).toEqual([]);
    const partial = denialOf(consent({ type: 'deny', securityLabel: [label('BH')] }), policy, now);
    expect(partial).toMatchObject({ everything: false, hides: bit('behavioral-health') });
  });
});
