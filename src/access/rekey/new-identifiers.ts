import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { parseJson } from '../../fhir/json.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Sql } from '../../store/types.ts';
import type { Access } from '../access.ts';
import { authorize, visibilityOf } from '../decide.ts';
import { localDate } from '../policy/age.ts';
import { rolesOf } from '../policy/roles.ts';

/** The system of numbers that this house gives. */
export const childSystem = `${canonicalBase}/sid/child`;

export interface RekeyDeps {
  access: Pick<Access, 'policy'>;
  clock: Clock;
  /** A second sign-in with a code (TH-66). Error `unauthorized`: how to ask again. */
  stepUp(fhirUser: string, code: string | undefined): Promise<Result<{ accountId?: string }>>;
}

/**
 * `POST Patient/[id]/$new-identifiers` with `second-factor`: after an adoption a privacy officer ends every number by which the child was known
 * and gives one that nobody knows yet. The ones before stay for the staff, as former ones: families and partners are neither told them nor find by
 * them (redact/former.ts), and no record is matched by them (ehr/identity). Errors: `not-found` for whoever is no staff and for a child that they
 * do not see; `forbidden`; `unauthorized`; `conflict` for a child whom a hospital's record keeps: its next sync would bring the numbers back.
 */
export function newIdentifiers(deps: RekeyDeps): Operation {
  return {
    name: 'new-identifiers',
    definition: `${canonicalBase}/OperationDefinition/new-identifiers`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: ['second-factor'],
    requires: [['Patient', 'u']],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, deps: RekeyDeps): Promise<Result<Resource>> {
  const { principal, store, id = '', parameters } = request;
  const { fhirUser = '', view } = principal;
  if (principal.kind !== 'user' || !/^Practitioner(Role)?\//.test(fhirUser) || view?.partner)
    return fail('not-found', 'There is no such operation here.', { code: 'not-supported' });
  const allowed = authorize(principal, 'Patient', 'u');
  if (!allowed.ok) return allowed;
  if (!(await rolesOf(store, fhirUser)).has('privacy-officer'))
    return fail('forbidden', 'Only a privacy officer gives a child new numbers.');
  const stored = await store.readSeen('Patient', id, visibilityOf(principal, 'r'));
  if (!stored || stored.deleted || !(await store.sees(allowed.value, stored)))
    return fail('not-found', 'There is no such Patient.');
  const policy = await deps.access.policy.get();
  if (!policy) return fail('busy', 'There is no privacy policy that could be followed.');
  const proved = await deps.stepUp(fhirUser, parameters.text('second-factor'));
  if (!proved.ok) return proved;
  if (await isKeptElsewhere(store, id))
    return fail('conflict', 'A hospital’s record keeps this child: it gives the new number, and the sync brings it.');
  return rekey(request, stored.version, localDate(deps.clock.now(), policy.document.timeZone));
}

async function isKeptElsewhere(sql: Sql, id: string): Promise<boolean> {
  const links = await sql.query(`SELECT 1 AS one FROM ehr_link WHERE type = 'Patient' AND id = $1 LIMIT 1`, [id]);
  return links.length > 0;
}

function rekey({ principal, store, id = '', requestId }: OperationRequest, version: number, today: string) {
  const actor = { kind: 'user', id: principal.id, clientId: principal.clientId, requestId } as const;
  return store.transact<Resource>(actor, async (tx) => {
    await tx.hold([{ type: 'Patient', id }]);
    const now = await tx.read('Patient', id);
    if (!now || now.deleted || now.version !== version)
      return fail('conflict', 'This Patient was changed meanwhile: look at it again.');
    // The store wrote this text: its shape is known.
    const patient = parseJson(now.json) as Resource;
    const before = Array.isArray(patient.identifier) ? patient.identifier.filter(isObject) : [];
    const value = newId();
    const identifier = [{ use: 'official', system: childSystem, value }, ...before.map((one) => ended(one, today))];
    const written = await tx.update({ ...patient, identifier });
    if (!written.ok) return written;
    const given = { use: 'official' as const, system: childSystem, value };
    return ok({ resourceType: 'Parameters', parameter: [{ name: 'identifier', valueIdentifier: given }] });
  });
}

/** A former one from now on, whatever it was. */
function ended(identifier: Record<string, unknown>, today: string): Record<string, unknown> {
  if (identifier.use === 'old') return identifier;
  const period = isObject(identifier.period) ? identifier.period : {};
  return { ...identifier, use: 'old', period: { ...period, end: period.end ?? today } };
}
