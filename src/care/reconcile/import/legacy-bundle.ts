import { createHash } from 'node:crypto';
import { newId, stableId } from '../../../base/ids.ts';
import { dataOperationSystem, ofPatient } from '../../../fhir/provenance.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { type Converted, convert } from './converted.ts';
import { importSystem } from './import-system.ts';
import type { LegacyPlan } from './legacy-plan.ts';

const confidentialitySystem = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** What is to be written; `meta.source` of all of it is `urn:careweave:import:<key>`. */
export interface Draft {
  converted: Converted;
  /** Everything that is written, in the order of the entries. */
  entries: { fullUrl: string; resource: Resource }[];
}

/** One and the same document about one child has one key, whoever sends it. */
export function keyOf({ original }: LegacyPlan, patientId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([patientId, original.text]))
    .digest('hex')
    .slice(0, 32);
}

/** What is written of one plan: the plan first, then what its activities became, the records beside it, and the document as it came. */
export function draftOf(legacy: LegacyPlan, patientId: string, labels: readonly r4.Coding[]): Draft {
  const key = keyOf(legacy, patientId);
  const converted = convert(legacy.plan, key);
  const source = `${importSystem}:${key}`;
  const security = legacy.confidentiality.map((code) => ({ system: confidentialitySystem, code }));
  const marked = ({ fullUrl, resource }: { fullUrl: string; resource: Resource }) => ({
    fullUrl,
    resource: { ...withoutEmpty(resource), meta: { source, ...(security.length > 0 && { security }) } },
  });
  const document = { fullUrl: `urn:uuid:${newId()}`, resource: documentOf(legacy, patientId, key, labels) };
  return {
    converted,
    entries: [
      ...[{ fullUrl: converted.planUrl, resource: converted.plan }, ...converted.activities, ...legacy.records].map(
        marked,
      ),
      document,
    ],
  };
}

/** All of it in one transaction, with a Provenance that says from which document it comes. */
export function entriesOf(
  { entries, converted }: Draft,
  { patientId, now, agent }: { patientId: string; now: Date; agent: r4.ProvenanceAgent },
): r4.BundleEntry[] {
  const document = entries.at(-1);
  const told = ofPatient(
    {
      resourceType: 'Provenance',
      target: entries.map(({ fullUrl }) => ({ reference: fullUrl })),
      recorded: now.toISOString(),
      activity: { coding: [{ system: dataOperationSystem, code: 'CREATE' }] },
      agent: [agent],
      entity: [{ role: 'source', what: { reference: document?.fullUrl } }],
    },
    patientId,
  );
  const [plan, ...others] = [...entries, { fullUrl: `urn:uuid:${newId()}`, resource: told }];
  if (!plan) return [];
  // Of two who send the same document at once, one is refused, and nothing of it is left.
  const id = stableId('imported-plan', converted.key);
  const put = { method: 'PUT', url: `CarePlan/${id}`, ifNoneMatch: '*' } as const;
  return [
    { fullUrl: plan.fullUrl, resource: { ...plan.resource, id } as r4.FhirResource, request: put },
    ...others.map(({ fullUrl, resource }) => ({
      fullUrl,
      resource: resource as r4.FhirResource,
      request: { method: 'POST', url: resource.resourceType } as const,
    })),
  ];
}

/** The document as it came, within the child's record: the privacy rules of the child hold for it, by the labels that its content gives it. */
function documentOf(
  { original, plan }: LegacyPlan,
  patientId: string,
  key: string,
  security: readonly r4.Coding[],
): Resource {
  const bytes = Buffer.from(original.text);
  return {
    resourceType: 'DocumentReference',
    meta: { source: `${importSystem}:${key}`, ...(security.length > 0 && { security: [...security] }) },
    identifier: [{ system: importSystem, value: `${key}.document` }],
    status: 'current',
    type: plan.category?.[0] ?? { text: 'Plan of care from elsewhere' },
    category: [{ text: 'Imported plan' }],
    subject: { reference: `Patient/${patientId}` },
    description: original.title,
    content: [
      {
        attachment: {
          contentType: original.contentType,
          data: bytes.toString('base64'),
          size: bytes.length,
          hash: createHash('sha1').update(bytes).digest('base64'),
          title: original.title,
        },
      },
    ],
  };
}

/** An element without a value is none in FHIR. */
function withoutEmpty(resource: Resource): Resource {
  const kept = Object.entries(resource).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  return { ...Object.fromEntries(kept), resourceType: resource.resourceType };
}
