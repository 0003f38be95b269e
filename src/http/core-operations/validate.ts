import { authorize } from '../../access/decide.ts';
import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import { operationOutcome } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { readVisible } from '../interactions/read.ts';
import type { CoreDeps } from './index.ts';

const modes = ['create', 'update', 'delete', 'profile'] as const;
type Mode = (typeof modes)[number];

/**
 * `$validate` (FHIR R4, resource-operation-validate.html) of a resource that is sent, on a type or on an instance, or of the
 * instance as it is stored. The answer is an OperationOutcome with 200, whatever it says: that the resource is not valid is the
 * result, not a fault. `invalid`: the operation itself was called wrongly.
 */
export function validateOperations(deps: CoreDeps): Operation[] {
  const shared = {
    name: 'validate',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
    affectsState: false,
    parameters: ['resource', 'mode', 'profile'],
    requires: [],
    handle: (request: OperationRequest) => validate(request, deps),
  };
  return [
    { ...shared, level: 'type' },
    { ...shared, level: 'instance' },
  ];
}

async function validate(request: OperationRequest, deps: CoreDeps): Promise<Result<Resource>> {
  const { resourceType: type = '', id, parameters } = request;
  const asked = parameters.text('mode');
  const mode = modes.find((known) => known === asked);
  if (asked !== undefined && !mode)
    return fail('invalid', 'mode must be create, update, delete or profile.', { code: 'value' });
  const given = parameters.resource('resource');
  if (given === undefined && id === undefined)
    return fail('invalid', 'The parameter resource is missing.', { code: 'required' });
  if (mode === 'delete' || given === undefined) {
    if (id === undefined) return fail('invalid', 'mode delete is asked of one resource: [type]/[id]/$validate.');
    const stored = await storedResource(request, type, id, mode === 'delete' ? 'd' : 'r');
    if (!stored.ok) return stored;
    return ok(mode === 'delete' ? outcome([]) : await check(stored.value, request, deps));
  }
  const misplaced = placeIssues(given, type, id, mode);
  return ok(misplaced.length > 0 ? outcome(misplaced) : await check(given, request, deps));
}

/** The resource as stored, when the caller may see it, and may do what the mode asks. */
async function storedResource(
  { principal, store }: OperationRequest,
  type: string,
  id: string,
  letter: 'r' | 'd',
): Promise<Result<Resource>> {
  const allowed = authorize(principal, type, letter);
  if (!allowed.ok) return allowed;
  const visible = authorize(principal, type, 'r');
  if (!visible.ok) return visible;
  const stored = await readVisible(store, visible.value, type, id);
  // The store writes resources only, so the shape of its text is known.
  return stored.ok ? ok(parseJson(stored.value.json) as Resource) : stored;
}

/** What a create or update would refuse before it looks into the resource. */
function placeIssues(resource: Resource, type: string, id: string | undefined, mode: Mode | undefined): Issue[] {
  if (resource.resourceType !== type)
    return [{ code: 'invalid', text: `The resource is not a ${type}, as the URL says.` }];
  const wanted = id ?? (mode === 'update' ? resource.id : undefined);
  if (mode === 'update' && wanted === undefined)
    return [{ code: 'required', text: 'A resource to update needs its id.', expression: [`${type}.id`] }];
  if (id !== undefined && resource.id !== id)
    return [{ code: 'value', text: 'The id in the resource must be the id in the URL.', expression: [`${type}.id`] }];
  return [];
}

async function check(
  resource: Resource,
  { parameters, store }: OperationRequest,
  { validate }: CoreDeps,
): Promise<Resource> {
  const profiles = parameters.texts('profile');
  return outcome(await validate(resource, { reader: store, ...(profiles.length > 0 && { profiles }) }));
}

function outcome(issues: readonly Issue[]): Resource {
  const fine: Issue = { severity: 'information', code: 'informational', text: 'No problem was found.' };
  return operationOutcome(issues.length > 0 ? issues : [fine]);
}
