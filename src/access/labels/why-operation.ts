import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import { clientSystem } from '../../fhir/provenance.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Stored } from '../../store/types.ts';
import type { Access } from '../access.ts';
import { authorize, visibilityOf } from '../decide.ts';
import { expand, type Policy } from '../policy/compile.ts';
import { labelKey, labelsIn } from './label.ts';
import { type Reason, reasonsOf } from './reasons.ts';

const ds4p = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition';
const policySystem = `${canonicalBase}/privacy-policy`;

/**
 * `GET [type]/[id]/$labels`: for staff who see the record, of which privacy categories it is, on what each rests, and by whom (PP-31; DS4P 1.0,
 * sec-label-basis and sec-label-classifier). Errors: `not-found` for whoever is no staff, and for what they do not see.
 */
export function whyLabelled({ access }: { access: Pick<Access, 'policy'> }): Operation {
  return {
    name: 'labels',
    definition: `${canonicalBase}/OperationDefinition/labels`,
    level: 'instance',
    affectsState: false,
    parameters: [],
    requires: [],
    handle: async (request) => {
      const { principal, store, resourceType: type = '', id = '' } = request;
      const { fhirUser = '', view } = principal;
      if (principal.kind !== 'user' || !/^Practitioner(Role)?\//.test(fhirUser) || view?.partner)
        return fail('not-found', 'There is no such operation here.', { code: 'not-supported' });
      const allowed = authorize(principal, type, 'r');
      if (!allowed.ok) return allowed;
      const stored = await store.readSeen(type, id, allowed.value);
      if (!stored || stored.deleted) return fail('not-found', `There is no such ${type}.`);
      const policy = await access.policy.get();
      if (!policy) return fail('busy', 'There is no privacy policy that could be followed.');
      return answer(request, stored, policy);
    },
  };
}

async function answer(request: OperationRequest, stored: Stored, policy: Policy): Promise<Result<Resource>> {
  // The store wrote this text: its shape is known.
  const reasons = reasonsOf(parseJson(stored.json) as Resource, policy);
  const own = await Promise.all(reasons.map((reason) => codingOf(reason, request, stored, policy)));
  const security = [...own, ...(await takenOver(request, stored, policy))];
  const valueMeta: r4.Meta = security.length === 0 ? {} : { security };
  return ok({ resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta }] });
}

async function codingOf(reason: Reason, request: OperationRequest, stored: Stored, policy: Policy): Promise<r4.Coding> {
  const rule = `${reason.category}: by ${reason.by}`;
  if (reason.label === undefined) return labelled(policy, reason.category, rule, { display: 'Careweave' });
  const { extension: _own, ...label } = reason.label;
  const by = await whoGave(labelKey(reason.label), request, stored);
  const { extension } = labelled(policy, reason.category, rule, by);
  return { ...label, extension };
}

function labelled(policy: Policy, category: string, rule: string, classifier: r4.Reference): r4.Coding {
  const first = policy.document.categories.find(({ name }) => name === category)?.labels[0];
  return {
    extension: [
      {
        url: `${ds4p}/extension-sec-label-basis`,
        valueCoding: { system: policySystem, code: policy.version, display: rule },
      },
      { url: `${ds4p}/extension-sec-label-classifier`, valueReference: classifier },
    ],
    ...(first !== undefined && expand(policy.document, first)),
  };
}

const pageSize = 100;

/** Who wrote the first of the versions, up to the present one, that all have the label. */
async function whoGave(key: string, { store }: OperationRequest, { type, id }: Stored): Promise<r4.Reference> {
  let since: Stored | undefined;
  for (let cursor: string | undefined, page = 0; page < 10; page++) {
    const found = await store.history(type, id, { count: pageSize, ...(cursor !== undefined && { cursor }) });
    if (!found.ok) break;
    const without = found.value.versions.findIndex((one) => !has(one, key));
    since = found.value.versions.at(without === -1 ? -1 : without - 1) ?? since;
    cursor = found.value.next;
    if (without !== -1 || cursor === undefined) break;
  }
  if (!since) return { display: 'Careweave' };
  const [row] = await store.query<{ actor_kind: string; actor_id: string }>(
    'SELECT actor_kind, actor_id FROM change_log WHERE type = $1 AND id = $2 AND version = $3 AND at = $4::timestamptz LIMIT 1',
    [type, id, since.version, since.lastUpdated],
  );
  if (row?.actor_kind === 'user') return { reference: row.actor_id };
  if (row?.actor_kind === 'client') return { identifier: { system: clientSystem, value: row.actor_id } };
  return { display: 'Careweave' };
}

function has({ deleted, json }: Stored, key: string): boolean {
  // Deleting and writing anew does not strip a label.
  if (deleted) return true;
  return labelsIn(parseJson(json) as Resource).some((label) => labelKey(label) === key);
}

/** From which records that the caller sees the record inherits categories; and that there are others, where there are. */
async function takenOver(
  { principal, store }: OperationRequest,
  { type, id }: Stored,
  policy: Policy,
): Promise<r4.Coding[]> {
  const sources = await store.query<{ type: string; id: string; categories: string }>(
    `SELECT DISTINCT s.type, s.id, s.categories::text AS categories
       FROM resource r, category_inheritance i, unnest(r.tokens) AS t JOIN resource s ON true
      WHERE r.type = $1 AND r.id = $2 AND i.type = r.type AND s.self = t # i.mask AND s.categories <> 0 AND s.self <> r.self
      ORDER BY s.type, s.id LIMIT 50`,
    [type, id],
  );
  const mine = visibilityOf(principal, 'r');
  const seen = await Promise.all(sources.map((one) => store.readSeen(one.type, one.id, mine)));
  return sources.flatMap((source, at) => {
    const stored = seen[at];
    const by: r4.Reference =
      stored && !stored.deleted
        ? { reference: `${source.type}/${source.id}` }
        : { display: 'A record of another kind of access' };
    return policy.document.categories
      .filter(({ bit }) => (BigInt(source.categories) & (1n << BigInt(bit))) !== 0n)
      .map(({ name }) => labelled(policy, name, `${name}: taken over from another record`, by));
  });
}
