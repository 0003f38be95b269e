import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SearchParam } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationParameters, OperationRequest } from '../../module.ts';
import type { Visibility } from '../../store/types.ts';
import { everything, toResource } from '../currency/slice.ts';

const reference = /^(?:(Patient|Group|Practitioner|PractitionerRole|Organization)\/)?([A-Za-z0-9\-.]{1,64})$/;

/** What `subject` names: a Patient (also by its bare id) or a Group. */
export function subjectAsked(
  parameters: OperationParameters,
): Result<{ type: 'Patient' | 'Group'; id: string } | undefined> {
  const text = parameters.text('subject');
  if (text === undefined) return ok(undefined);
  const [, type = 'Patient', id] = reference.exec(text) ?? [];
  if (id !== undefined && (type === 'Patient' || type === 'Group')) return ok({ type, id });
  return fail('invalid', 'Parameter subject has to be a Patient or a Group, as Patient/id.', { code: 'value' });
}

/** The Group of `subjectGroup`: a reference to one that is here, or the Group itself. */
export async function groupAsked(
  { parameters, store }: OperationRequest,
  visibility: Visibility,
  on?: string,
): Promise<Result<string[] | undefined>> {
  const own = parameters.resource('subjectGroup');
  if (own) return own.resourceType === 'Group' ? membersOf(own, on) : notAGroup();
  const text = parameters.text('subjectGroup');
  if (text === undefined) return ok(undefined);
  const [, type = 'Group', id] = reference.exec(text) ?? [];
  if (id === undefined || type !== 'Group') return notAGroup();
  return groupMembers({ store }, id, visibility, on);
}

function notAGroup(): Result<never> {
  return fail('invalid', 'Parameter subjectGroup has to be a Group.', { code: 'value' });
}

/** Who belongs to a Group now, or belonged to it on a day (YYYY-MM-DD), as far as its members have periods. One that is not there and one that may not be seen are answered alike. */
export async function groupMembers(
  { store }: Pick<OperationRequest, 'store'>,
  id: string,
  visibility: Visibility,
  on?: string,
): Promise<Result<string[]>> {
  const stored = await store.readSeen('Group', id, visibility);
  if (!stored || stored.deleted) return fail('not-found', 'There is no such Group.');
  return membersOf(toResource(stored.json), on);
}

function membersOf(group: Resource, on?: string): Result<string[]> {
  if (group.actual === false) {
    return fail('unprocessable', 'The Group has no members: it describes a kind of persons (Group.actual is false).');
  }
  const members = Array.isArray(group.member) ? group.member : [];
  const ids = members.flatMap((member: Member | null) => {
    const id = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(String(member?.entity?.reference ?? ''))?.[1];
    return id === undefined || !member || !belongs(member, on) ? [] : [id];
  });
  return ok([...new Set(ids)].sort());
}

interface Member {
  entity?: { reference?: unknown };
  period?: { start?: unknown; end?: unknown };
  inactive?: unknown;
}

/** Who has left since is still counted in the time before; without a period there is only now. */
function belongs({ period, inactive }: Member, on: string | undefined): boolean {
  if (on === undefined || period === undefined) return inactive !== true;
  const day = (value: unknown) => (typeof value === 'string' ? value.slice(0, 10) : on);
  return day(period.start) <= on && day(period.end) >= on;
}

const searched: Record<string, SearchParam> = {
  'general-practitioner': { code: 'general-practitioner', kind: 'reference', expression: '' },
  organization: { code: 'organization', kind: 'reference', expression: '' },
};

/**
 * The children of a practitioner (Patient.generalPractitioner) or an organization (that or managingOrganization). `text` is a reference;
 * what it names need not be there, and then has no children.
 */
export async function panelOf(
  { store }: OperationRequest,
  name: string,
  text: string,
  visibility: Visibility,
): Promise<Result<string[]>> {
  const [, type = 'Practitioner', id] = reference.exec(text) ?? [];
  if (id === undefined || type === 'Patient' || type === 'Group') {
    return fail('invalid', `Parameter ${name} has to be a Practitioner, a PractitionerRole or an Organization.`, {
      code: 'value',
    });
  }
  const ids = new Set<string>();
  for (const code of type === 'Organization' ? ['general-practitioner', 'organization'] : ['general-practitioner']) {
    const param = searched[code];
    if (!param) continue;
    let cursor: string | undefined;
    do {
      const query = everything('Patient', cursor, limits.search.maxCount);
      const filters = [{ kind: 'filter' as const, param, values: [{ kind: 'reference' as const, type, id }] }];
      const page = await store.search({ ...query, filters }, visibility);
      if (!page.ok) return page;
      for (const match of page.value.matches) ids.add(match.id);
      cursor = page.value.next;
    } while (cursor !== undefined);
  }
  return ok([...ids].sort());
}
