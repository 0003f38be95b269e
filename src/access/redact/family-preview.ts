import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Access } from '../access.ts';
import { visibilityOf } from '../decide.ts';
import { isOfFamily } from '../policy/told-tasks.ts';
import type { Principal } from '../types.ts';
import type { Redactor } from './redactor.ts';
import { targetsIn } from './references.ts';
import { toldEach } from './told-each.ts';

interface Deps {
  access: Pick<Access, 'admit'>;
  redactor: Pick<Redactor, 'redact'>;
  baseUrl: string;
}

/** What a plan names that is shown with it: what the family opens from there. */
const opened: readonly string[] = ['CarePlan', 'Goal', 'Task', 'ServiceRequest', 'Appointment', 'DocumentReference'];

/**
 * `CarePlan/[id]/$family-preview?viewer=RelatedPerson/…`: for clinicians, the plan as this person of the family is told it now, and what
 * it names as they are told that; made by the same view and the same redaction as that person's own answers, so that it says neither more
 * nor less. An empty Bundle: the person is not told of the plan at all. Errors: `not-found` for whoever is no staff, for a plan and for a
 * viewer that the caller does not see; `invalid` for a viewer who is not of a family.
 */
export function familyPreview(deps: Deps): Operation {
  return {
    name: 'family-preview',
    definition: `${canonicalBase}/OperationDefinition/family-preview`,
    level: 'instance',
    resourceType: 'CarePlan',
    affectsState: false,
    parameters: ['viewer'],
    requires: [['CarePlan', 'r']],
    handle: (request) => preview(request, deps),
  };
}

async function preview(
  { principal, store, id = '', parameters }: OperationRequest,
  deps: Deps,
): Promise<Result<Resource>> {
  const { fhirUser, view } = principal;
  // Whoever is told a plan in part learns no more than of an address that is none.
  if (fhirUser === undefined || isOfFamily({ kind: 'user', id: fhirUser }) || view?.partner)
    return fail('not-found', 'There is no such operation here.', { code: 'not-supported' });
  const viewer = /^(RelatedPerson|Patient|Person)\/([A-Za-z0-9\-.]{1,64})$/.exec(parameters.text('viewer') ?? '');
  if (!viewer)
    return fail('invalid', '$family-preview takes a viewer: RelatedPerson/…, Patient/… or Person/….', {
      code: 'required',
    });
  const mine = visibilityOf(principal, 'r');
  const [person, type = '', personId = ''] = viewer;
  const plan = await store.readSeen('CarePlan', id, mine);
  if (!plan || plan.deleted) return fail('not-found', 'There is no such CarePlan.');
  const known = await store.readSeen(type, personId, mine);
  if (!known || known.deleted) return fail('not-found', 'There is no such viewer.');
  const theirs = await deps.access.admit(asFamily(person, principal.clientId));
  /** Those that both see: the caller is not told more by looking with somebody else's eyes. */
  const seenByBoth = async (references: Iterable<string>) => {
    const found: Resource[] = [];
    for (const reference of references) {
      const [seenType = '', seenId = ''] = reference.split('/');
      const [one, other] = [
        await store.readSeen(seenType, seenId, visibilityOf(theirs, 'r')),
        await store.readSeen(seenType, seenId, mine),
      ];
      if (one && other && !one.deleted) found.push(parseJson(one.json) as Resource);
    }
    return toldEach(deps.redactor, theirs, found);
  };
  const plans = await seenByBoth([`CarePlan/${id}`]);
  const named = [...targetsIn(plans, deps.baseUrl)].filter(
    (reference) => opened.includes(reference.split('/')[0] ?? '') && reference !== `CarePlan/${id}`,
  );
  const entry = [...plans, ...(await seenByBoth(named))].map((resource) => ({
    fullUrl: `${deps.baseUrl}/${resource.resourceType}/${resource.id ?? ''}`,
    resource,
  }));
  return ok({ resourceType: 'Bundle', type: 'collection', ...(entry.length > 0 && { entry }) });
}

/** The person with everything that an app could be granted: only the policy narrows it. */
function asFamily(fhirUser: string, clientId: string): Principal {
  const scopes = [{ level: 'user', type: '*', interactions: new Set(['r', 's'] as const) }] as const;
  return { kind: 'user', id: fhirUser, clientId, fhirUser, scopes };
}
