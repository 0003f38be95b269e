import type { Result } from '../../../src/base/errors.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { mirrorSource } from '../../../src/fhir/mirror.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import type { Actor, Store, Stored, Written } from '../../../src/store/types.ts';

/** The sync, as the store knows it. */
export const syncActor: Actor = { kind: 'system', id: 'ehr', requestId: 'test' };
/** A program that tells what was recorded elsewhere, in an order of its own. */
export const program: Actor = { kind: 'client', id: 'registry', requestId: 'test' };
export const coordinator: Actor = { kind: 'user', id: 'Practitioner/coordinator', requestId: 'test' };
/** The coordinator, who has said why something of a child is to be deleted. */
export const correcting: Actor = {
  ...coordinator,
  provenance: {
    resourceType: 'Provenance',
    recorded: '2026-03-06T15:00:00Z',
    reason: [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'mistake' }] }],
    agent: [{ who: { reference: 'Practitioner/coordinator' } }],
  },
};

export const childId = 'child-1';
export const child = { reference: `Patient/${childId}` };
export const patient: Resource = {
  resourceType: 'Patient',
  id: childId,
  name: [{ family: 'Example', given: ['Robin'] }],
  birthDate: '2021-03-04',
  gender: 'female',
};

const active = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] };

export function condition(id: string, code: string, more: object = {}): Resource {
  const coding = [{ system: 'http://snomed.info/sct', code, display: `Problem ${code}` }];
  return { resourceType: 'Condition', id, clinicalStatus: active, code: { coding }, subject: child, ...more };
}

export function goal(id: string, words: string, more: object = {}): Resource {
  return { resourceType: 'Goal', id, lifecycleStatus: 'active', description: { text: words }, subject: child, ...more };
}

export function request(id: string, words: string, more: object = {}): Resource {
  const said = { status: 'active', intent: 'order', code: { text: words }, subject: child };
  return { resourceType: 'ServiceRequest', id, ...said, ...more };
}

export function task(id: string, words: string, more: object = {}): Resource {
  return { resourceType: 'Task', id, status: 'requested', intent: 'plan', description: words, for: child, ...more };
}

export function hospitalPlan(id: string, more: object = {}): Resource {
  return { resourceType: 'CarePlan', id, status: 'active', intent: 'plan', subject: child, ...more };
}

/** The same resource as a site sent it. */
export function mirrored(resource: Resource, site = 'lakeside'): Resource {
  const source = mirrorSource(site, resource.resourceType, `ehr-${resource.id ?? ''}`);
  return { ...resource, meta: { ...resource.meta, source } };
}

/** Writes resources in one transaction and answers the last outcome; throws when one is refused. */
export async function put(store: Store, actor: Actor, ...resources: Resource[]): Promise<Written> {
  const written = await tryPut(store, actor, ...resources);
  if (!written.ok) throw new Error(written.error.issues.map(({ text }) => text).join('; '));
  return written.value;
}

export function tryPut(store: Store, actor: Actor, ...resources: Resource[]): Promise<Result<Written>> {
  return store.transact(actor, async (tx) => {
    let last: Result<Written> | undefined;
    for (const resource of resources) {
      last = await tx.update(resource);
      if (!last.ok) return last;
    }
    if (!last) throw new Error('nothing to write');
    return last;
  });
}

export function parsed<T>(stored: Stored | undefined): T {
  if (!stored || stored.deleted) throw new Error('it is not there');
  return parseJson(stored.json) as T;
}

/** The name of the rule that refused, which is how its text opens. */
export function refusedBy(result: Result<unknown>): string | undefined {
  if (result.ok) return undefined;
  const [issue] = result.error.issues;
  return result.error.kind === 'unprocessable' && issue?.code === 'business-rule'
    ? issue.text.split(':')[0]
    : result.error.kind;
}
