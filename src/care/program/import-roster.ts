import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { referenceAsked } from './ask.ts';
import { readRoster } from './read-roster.ts';
import { type Resolved, resolveRoster } from './resolve-roster.ts';
import { nextMembers, type Outcome } from './roster-members.ts';

const monthUrl = `${canonicalBase}/StructureDefinition/roster-month`;
const listSystem = `${canonicalBase}/CodeSystem/care-list`;

/**
 * `POST Group/$import-roster`: a payer's monthly roster becomes the attribution panel of its contract, a Group in which everybody has the days from and
 * until which they belong (S0.1). Rows that name nobody who is here are answered by their numbers alone.
 */
export const importRosterOperation: Operation = {
  name: 'import-roster',
  definition: `${canonicalBase}/OperationDefinition/import-roster`,
  level: 'type',
  resourceType: 'Group',
  affectsState: true,
  parameters: ['roster', 'month', 'payer', 'contract', 'organization', 'memberSystem'],
  requires: [
    ['Group', 'rcu'],
    ['Patient', 'rs'],
    ['Organization', 'rs'],
  ],
  handle,
};

interface Asked {
  roster: Resource;
  month: string;
  payer: string;
  contract: string;
  organization?: string;
  memberSystem?: string;
}

function readAsked({ parameters }: OperationRequest): Result<Asked> {
  const roster = parameters.resource('roster');
  if (!roster)
    return fail('invalid', 'roster is required: a Group, or a Binary of the type text/csv.', { code: 'required' });
  const month = parameters.text('month') ?? '';
  if (!/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/.test(month)) {
    return fail('invalid', 'month has to be the month that the roster is of, as 2026-02.', { code: 'value' });
  }
  const payer = referenceAsked(parameters, 'payer', ['Organization']);
  if (!payer.ok) return payer;
  const contract = parameters.text('contract')?.trim();
  if (payer.value === undefined || !contract) {
    return fail('invalid', 'payer (an Organization) and contract (its name or number) are required.', {
      code: 'required',
    });
  }
  const organization = referenceAsked(parameters, 'organization', ['Organization']);
  if (!organization.ok) return organization;
  const memberSystem = parameters.text('memberSystem');
  return ok({
    roster,
    month,
    payer: payer.value,
    contract,
    ...(organization.value !== undefined && { organization: organization.value }),
    ...(memberSystem !== undefined && { memberSystem }),
  });
}

async function handle(request: OperationRequest): Promise<Result<Resource>> {
  const asked = readAsked(request);
  if (!asked.ok) return asked;
  const { store, principal, transact } = request;
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const rows = readRoster(asked.value.roster, asked.value.memberSystem);
  if (!rows.ok) return rows;
  const id = stableId('attribution', asked.value.payer, asked.value.contract);
  const stored = await store.readSeen('Group', id, visibilityOf(principal, 'r'));
  const current = currentOf(stored);
  const before = isOfType(current, 'Group') ? current : undefined;
  const last = before?.extension?.find(({ url }) => url === monthUrl)?.valueString;
  if (last !== undefined && last > asked.value.month) {
    const text = 'A roster of a later month has been imported: rosters come in the order of their months.';
    return fail('unprocessable', text, { code: 'business-rule' });
  }
  const resolved = await resolveRoster(store, rows.value, visibilityOf(principal, 's'));
  if (!resolved.ok) return resolved;
  const { roster, uncertain } = resolved.value;
  if (roster.size === 0) {
    // A wrong system of identifiers would end everybody's membership.
    const text = 'No row of this roster names a child who is here. Check the columns, and memberSystem.';
    return fail('unprocessable', text, { code: 'business-rule' });
  }
  const outcome = nextMembers(before?.member ?? [], roster, asked.value.month, uncertain);
  const group = panelGroup(id, before, asked.value, outcome);
  const ifMatch = before && stored ? { ifMatch: `W/"${stored.version}"` } : {};
  const entry = [{ resource: { ...group }, request: { method: 'PUT', url: `Group/${id}`, ...ifMatch } }];
  const written = await transact({ resourceType: 'Bundle', type: 'transaction', entry });
  return written.ok ? ok(told(id, outcome, resolved.value)) : written;
}

function panelGroup(id: string, before: r4.Group | undefined, asked: Asked, { members }: Outcome): r4.Group {
  const { payer, contract, month, organization } = asked;
  const others = (before?.extension ?? []).filter(({ url }) => url !== monthUrl);
  const { member: _, ...kept } = before ?? freshPanel(id, payer, contract);
  return {
    ...kept,
    extension: [...others, { url: monthUrl, valueString: month }],
    ...(organization !== undefined && { managingEntity: { reference: organization } }),
    quantity: members.filter(({ inactive }) => inactive !== true).length,
    ...(members.length > 0 && { member: members }),
  };
}

function freshPanel(id: string, payer: string, contract: string): r4.Group {
  const code = (name: string, display: string) => ({ coding: [{ system: listSystem, code: name, display }] });
  return {
    resourceType: 'Group',
    id,
    active: true,
    type: 'person',
    actual: true,
    code: code('attribution', 'Attribution panel'),
    name: 'Attribution panel',
    characteristic: [
      { code: code('contract', 'Contract'), valueCodeableConcept: { text: contract }, exclude: false },
      { code: code('payer', 'Payer'), valueReference: { reference: payer }, exclude: false },
    ],
  };
}

function told(
  id: string,
  { added, kept, ended }: Outcome,
  { unknown, ambiguous, unknownPractice }: Resolved,
): Resource {
  const numbers = (name: string, rows: readonly number[]) => rows.map((row) => ({ name, valueInteger: row }));
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'group', valueReference: { reference: `Group/${id}` } },
      { name: 'added', valueInteger: added },
      { name: 'kept', valueInteger: kept },
      { name: 'ended', valueInteger: ended },
      ...numbers('unknownRow', unknown),
      ...numbers('ambiguousRow', ambiguous),
      ...numbers('unknownPracticeRow', unknownPractice),
    ],
  };
}
