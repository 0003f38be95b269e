import { readFileSync } from 'node:fs';
import { demoTown } from '../../../fixtures/town/index.ts';
import type { TestHouse } from '../../support/house.ts';

/** Two mothers of the demo town with their children's shared plans, a partner whom one child's plan names, and an agreement with it. */
export const inez = 'inez-solorio-vale';
export const odell = 'odell-brightwater';
const twins = ['rowan-fennimore', 'juniper-fennimore'];
export const password = 'four plain words together';
export const pantry = 'Organization/family-page-pantry';

const base = 'http://careweave.org/fhir';
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const to = (reference: string) => ({ reference });

export async function settle(house: TestHouse): Promise<void> {
  const town = demoTown();
  const children = [inez, odell, ...twins];
  const bundles = town.children.filter(({ slug }) => children.includes(slug)).map(({ bundle }) => bundle);
  for (const path of [town.organizations, ...bundles]) await post(house, readFileSync(path, 'utf8'));
  const records = [...children.map(proxy), ...partner(odell)];
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  await post(house, { resourceType: 'Bundle', type: 'transaction', entry });
  for (const child of children) {
    const composed = await house.fhir('POST', `/Patient/${child}/$compose-shared-plan`);
    if (composed.status !== 200) throw new Error(composed.text);
  }
}

async function post(house: TestHouse, body: unknown): Promise<void> {
  const { status, text } = await house.fhir('POST', '', body);
  if (status !== 200) throw new Error(text);
}

/** Kinship opens nothing: the mother's right is a Consent. */
function proxy(child: string) {
  const role = concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP');
  return {
    resourceType: 'Consent',
    id: `${child}-mother-proxy`,
    status: 'active',
    scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [concept(`${base}/CodeSystem/proxy-basis`, 'parent')],
    patient: to(`Patient/${child}`),
    dateTime: '2026-09-10',
    policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    verification: [{ verified: true, verificationDate: '2026-09-10' }],
    provision: { type: 'permit', actor: [{ role, reference: to(`RelatedPerson/${child}-mother`) }] },
  };
}

/** A food pantry that is asked for something for the child, under an agreement. */
function partner(child: string) {
  return [
    {
      resourceType: 'Organization',
      id: pantry.slice('Organization/'.length),
      active: true,
      type: [concept(`${base}/CodeSystem/partner-kind`, 'community-organization')],
      name: 'Foxglove Pantry',
    },
    {
      resourceType: 'Contract',
      id: 'family-page-agreement',
      status: 'executed',
      type: concept(`${base}/CodeSystem/agreement`, 'data-sharing'),
      applies: { start: '2026-01-01', end: '2028-12-31' },
      signer: [pantry, 'Organization/alder-falls-coordination'].map((party) => ({
        type: { system: 'http://terminology.hl7.org/CodeSystem/contractsignertypecodes', code: 'COVPTY' },
        party: to(party),
        signature: [
          {
            type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
            when: '2026-01-01T00:00:00Z',
            who: to(party),
          },
        ],
      })),
    },
    {
      resourceType: 'CareTeam',
      id: 'family-page-helpers',
      status: 'active',
      subject: to(`Patient/${child}`),
      participant: [{ role: [{ text: 'Food every week' }], member: to(pantry) }],
    },
  ];
}
