import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { mergeResources } from '../../fhir/merge/three-way.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { bundleOf } from './bundle.ts';

/** So many writers may come in between before the last one is asked to try again. */
const tries = 8;

const absent = fail('not-found', 'There is no such CarePlan.');

/**
 * `POST CarePlan/[id]/$merge` with `version`, where the editor began, and `resource`, what the editor made of it: what others did since is kept, line by
 * line, and the result is written through every rule. What both changed differently is a 412 that names the element, and nothing is written. An
 * operation and not a header of PUT: a PUT stores what it was sent, and If-Match keeps meaning what it says for every client.
 */
export const mergeOperation: Operation = {
  name: 'merge',
  definition: `${canonicalBase}/OperationDefinition/merge`,
  level: 'instance',
  resourceType: 'CarePlan',
  affectsState: true,
  parameters: ['version', 'resource'],
  requires: [['CarePlan', 'ru']],
  handle,
};

async function handle(request: OperationRequest): Promise<Result<Resource>> {
  const { store, principal, parameters, id = '' } = request;
  const stored = await store.readSeen('CarePlan', id, visibilityOf(principal, 'r'));
  const seen = currentOf(stored);
  // Who may not change it is told nothing of what others changed.
  if (!stored || !seen || !(await store.sees(visibilityOf(principal, 'u'), stored))) return absent;
  if (isMirror(seen))
    return fail('unprocessable', 'A plan that a hospital sent is changed there.', { code: 'business-rule' });
  const version = /^(?:W\/")?([1-9]\d{0,8})"?$/.exec(parameters.text('version') ?? '')?.[1];
  if (version === undefined)
    return fail('invalid', 'version is the version of the plan that was edited, a whole number.', { code: 'required' });
  const wanted = parameters.resource('resource');
  if (wanted?.resourceType !== 'CarePlan' || (wanted.id !== undefined && wanted.id !== id))
    return fail('invalid', 'resource is the edited CarePlan, whole.', { code: 'required' });
  // What is left out of a part would be taken for taken out.
  if (wanted.meta?.tag?.some(({ code }) => code === 'SUBSETTED'))
    return fail('unprocessable', 'resource is a part of a plan only (SUBSETTED). Edit the whole.', {
      code: 'business-rule',
    });
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const done = await tryMerge(request, { ...wanted, id }, Number(version));
    if (done !== 'again') return done;
  }
  return fail('precondition', 'Others keep changing this plan. Nothing was written: try again in a moment.');
}

/** `again`: somebody else has written in between, so that it is put together with that too. */
async function tryMerge(
  request: OperationRequest,
  wanted: Resource,
  version: number,
): Promise<Result<Resource> | 'again'> {
  const { store, principal, id = '' } = request;
  const visible = visibilityOf(principal, 'r');
  const [base, current] = [
    await store.readVersion('CarePlan', id, version),
    await store.readSeen('CarePlan', id, visible),
  ];
  const now = currentOf(current);
  if (!now) return absent;
  if (!base || base.deleted || !(await store.sees(visible, base)))
    return fail('unprocessable', 'version is none of this plan.', { code: 'not-found' });
  const { resource, conflicts } = mergeResources(resourceOf(base), now, wanted);
  if (conflicts.length > 0) {
    const text = `Somebody else has changed the same: ${conflicts.join(', ')}. Nothing was written. Read the plan anew, and change it as it is now.`;
    return fail('precondition', text, { expression: conflicts });
  }
  if (!request.transact) return fail('not-allowed', 'Nothing can be written here.');
  const written = await request.transact(bundleOf({ updated: [resource] }));
  if (!written.ok) return written.error.kind === 'precondition' ? 'again' : written;
  const after = currentOf(await store.readSeen('CarePlan', id, visible));
  return after ? ok(after) : absent;
}
