import { createHash } from 'node:crypto';
import { newId } from '../../../base/ids.ts';
import { plain, stringifyJson } from '../../../fhir/json.ts';
import { dataOperationSystem, ofPatient } from '../../../fhir/provenance.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { taskOf } from '../../plan/hospital-activity.ts';
import { importSystem } from './import-system.ts';
import { requestOf } from './request-of.ts';

export interface Converted {
  plan: Resource;
  planUrl: string;
  /** What was made of each activity that was written out. */
  activities: { fullUrl: string; resource: Resource; quotation: string }[];
  /** The plan as it was sent. */
  quotation: string;
  key: string;
}

/**
 * A plan whose activities are resources of their own, made of one in which they are written out (decision D2). Pure but for new ids. Activities of the
 * kind ServiceRequest become one, everything else a Task: a plan from elsewhere orders no medicine here. `known`: what identifies the plan, when it is
 * not its own content.
 */
export function convert(sent: Resource & r4.CarePlan, known?: string): Converted {
  const { id: _id, meta, ...content } = sent;
  const quotation = stringifyJson(sent);
  const key = known ?? createHash('sha256').update(stringifyJson(content)).digest('hex').slice(0, 32);
  const planUrl = `urn:uuid:${newId()}`;
  const activities: Converted['activities'] = [];
  const activity = (sent.activity ?? []).map(({ detail, ...rest }, index) => {
    if (detail === undefined) return rest;
    const fullUrl = `urn:uuid:${newId()}`;
    const resource = madeOf(sent, plain(detail), `${key}.${index}`, planUrl);
    activities.push({ fullUrl, resource, quotation: stringifyJson(detail) });
    return { ...rest, reference: { reference: fullUrl } };
  });
  const security = meta?.security;
  const plan: Resource = {
    ...content,
    identifier: [...(sent.identifier ?? []), { system: importSystem, value: key }],
    ...(security && { meta: { security } }),
    ...(activity.length > 0 && { activity }),
  };
  return { plan, planUrl, activities, quotation, key };
}

function madeOf(plan: r4.CarePlan, detail: r4.CarePlanActivityDetail, key: string, planUrl: string): Resource {
  const identifier = [{ system: importSystem, value: key }];
  const basedOn = [{ reference: planUrl }];
  const security = plan.meta?.security ? { meta: { security: plan.meta.security } } : {};
  if (detail.kind === 'ServiceRequest') return { ...requestOf(plan, detail), ...security, identifier, basedOn };
  const { id: _id, ...task } = taskOf(plan, detail, key);
  return { ...task, ...security, identifier, basedOn };
}

/** Everything in one transaction, with a Provenance of each thing that quotes what it was made of. */
export function importBundle(
  { plan, planUrl, activities, quotation, key }: Converted,
  { patientId, now, agent }: { patientId: string; now: Date; agent: r4.ProvenanceAgent },
): Resource {
  const post = (fullUrl: string, resource: Resource, ifNoneExist?: string) => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType, ...(ifNoneExist && { ifNoneExist }) },
  });
  const told = (target: string, text: string): Resource =>
    ofPatient(
      {
        resourceType: 'Provenance',
        target: [{ reference: target }],
        recorded: now.toISOString(),
        activity: { coding: [{ system: dataOperationSystem, code: 'CREATE' }] },
        agent: [agent],
        contained: [
          {
            resourceType: 'Binary',
            id: 'quotation',
            contentType: 'application/fhir+json',
            data: Buffer.from(text).toString('base64'),
          },
        ],
        entity: [{ role: 'quotation', what: { reference: '#quotation' } }],
      },
      patientId,
    );
  const known = (value: string) => `identifier=${importSystem}|${value}`;
  const made = [{ fullUrl: planUrl, resource: plan, quotation }, ...activities];
  const entry = [
    ...made.map(({ fullUrl, resource }, index) =>
      post(fullUrl, resource, known(index === 0 ? key : identifierOf(resource))),
    ),
    ...made.map((one) => post(`urn:uuid:${newId()}`, told(one.fullUrl, one.quotation))),
  ];
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

function identifierOf({ identifier }: Resource): string {
  const list = Array.isArray(identifier) ? (identifier as r4.Identifier[]) : [];
  return list.find(({ system }) => system === importSystem)?.value ?? '';
}
