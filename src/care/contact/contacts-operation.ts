import { visibleInDocuments } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { type DateRange, dateRange } from '../../fhir/date-range.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { compareText } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { childOf } from '../child.ts';
import { isStaff } from '../is-staff.ts';
import { localId } from '../local-id.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { type Contact, contactOf } from './contact-of.ts';
import { modes } from './modes.ts';

interface Placed extends Contact {
  /** The place in words. */
  where?: string;
}

/**
 * `GET Patient/[id]/$contacts?period=2026-02`: how often somebody was in touch for a child, by mode, place, activity and person, with the minutes, and
 * each contact. What nobody answered is counted apart. Days are UTC; what the caller may not see is not counted. For staff and systems.
 */
export function contactsOperation(): Operation {
  return {
    name: 'contacts',
    definition: `${canonicalBase}/OperationDefinition/contacts`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: ['period'],
    requires: [
      ['Patient', 'r'],
      ['Encounter', 'rs'],
      ['Communication', 'rs'],
    ],
    handle,
  };
}

async function handle(request: OperationRequest): Promise<Result<Resource>> {
  const { store, principal, id, parameters } = request;
  const text = parameters.text('period');
  const period = text === undefined ? undefined : dateRange(text);
  if (text !== undefined && (period === undefined || text.includes('T'))) {
    return fail('invalid', 'period is a year, a month or a day, as 2026, 2026-02 or 2026-02-14.', { code: 'value' });
  }
  const seen = visibleInDocuments(principal);
  const child = id === undefined ? undefined : currentOf(await store.readSeen('Patient', id, seen));
  if (id === undefined || !child || !isStaff(principal)) return fail('not-found', 'There is no such child here.');
  const found = await contactsIn(request, id, period);
  if (!found.ok) return found;
  const placed = await withPlaces(found.value, request, id);
  return ok(answerOf(placed, text));
}

async function contactsIn(
  { store, principal }: OperationRequest,
  patientId: string,
  period: DateRange | undefined,
): Promise<Result<Contact[]>> {
  const records: Resource[] = [];
  let cursor: string | undefined;
  for (let looked = 0; looked < limits.care.contacts; looked += limits.search.maxCount) {
    const wanted = { patientId, types: ['Encounter', 'Communication'], count: limits.search.maxCount };
    const page = await store.compartment(
      { ...wanted, ...(cursor !== undefined && { cursor }) },
      visibleInDocuments(principal),
    );
    if (!page.ok) return page;
    records.push(...page.value.matches.map(resourceOf).filter((one) => childOf(one) === patientId));
    cursor = page.value.next;
    if (cursor === undefined) return ok(chosen(records, period));
  }
  return fail('too-large', 'The record of this child has more visits and messages than are counted at once.');
}

function chosen(records: readonly Resource[], period: DateRange | undefined): Contact[] {
  const contacts = records
    .filter((one) => !isPartOfVisit(one, records))
    .map(contactOf)
    .filter((one) => one !== undefined)
    .filter(({ at }) => period === undefined || (at >= period.start && at < period.end));
  return contacts.sort((a, b) => compareText(a.at, b.at) || compareText(a.reference, b.reference));
}

/** A message that tells what was said in a visit of the log is no second contact. */
function isPartOfVisit(record: Resource, records: readonly Resource[]): boolean {
  const visit = isOfType(record, 'Communication') ? localId(record.encounter, 'Encounter') : undefined;
  return (
    visit !== undefined && records.some((one) => one.resourceType === 'Encounter' && one.id === visit && contactOf(one))
  );
}

/** Whoever is not told where the child is, is not told where it was met. */
async function withPlaces(contacts: readonly Contact[], request: OperationRequest, child: string): Promise<Placed[]> {
  const { store, principal } = request;
  if (principal.view?.redaction?.withoutWhereabouts.includes(child)) return [...contacts];
  const ids = new Set(contacts.map(({ place }) => localId(place, 'Location')).filter((id) => id !== undefined));
  const names = new Map<string, string>();
  for (const stored of await store.readMany([...ids].map((id) => ({ type: 'Location', id })))) {
    const location = resourceOf(stored);
    if (typeof location.name === 'string' && (await store.sees(visibleInDocuments(principal), stored)))
      names.set(stored.id, location.name);
  }
  return contacts.map((contact) => {
    const where =
      names.get(localId(contact.place, 'Location') ?? '') ?? contact.place?.display ?? contact.place?.reference;
    return where === undefined ? contact : { ...contact, where };
  });
}

type Parts = r4.ParametersParameter[];

function answerOf(contacts: readonly Placed[], period: string | undefined): Resource {
  const held = contacts.filter(({ was }) => was === 'held');
  const byMode = (mode: string) => contacts.filter((one) => one.mode === mode);
  const places = grouped(
    held.filter(({ where }) => where !== undefined),
    ({ mode, where }) => `${mode}\n${where}`,
  );
  const parameter: Parts = [
    ...(period === undefined ? [] : [{ name: 'period', valueString: period }]),
    ...sums(contacts),
    ...modes
      .filter((mode) => byMode(mode).length > 0)
      .map((mode) => ({
        name: 'mode',
        part: [{ name: 'code', valueCode: mode }, ...sums(byMode(mode))],
      })),
    ...places.map(([key, some]) => ({
      name: 'place',
      part: [
        { name: 'mode', valueCode: key.split('\n')[0] ?? '' },
        { name: 'where', valueString: key.split('\n')[1] ?? '' },
        { name: 'count', valueInteger: some.length },
      ],
    })),
    ...grouped(contacts, ({ activity }) => activity).map(([activity, some]) => ({
      name: 'activity',
      part: [{ name: 'code', valueCode: activity }, ...sums(some)],
    })),
    ...[...new Set(contacts.flatMap(({ staff }) => staff))].sort(compareText).map((reference) => ({
      name: 'staff',
      part: [
        { name: 'who', valueReference: { reference } },
        ...sums(contacts.filter(({ staff }) => staff.includes(reference))),
      ],
    })),
    ...contacts.map(contactPart),
  ];
  return { resourceType: 'Parameters', parameter };
}

function grouped(contacts: readonly Placed[], keyOf: (contact: Placed) => string): [string, Placed[]][] {
  const groups = new Map<string, Placed[]>();
  for (const contact of contacts) groups.set(keyOf(contact), [...(groups.get(keyOf(contact)) ?? []), contact]);
  return [...groups].sort(([a], [b]) => compareText(a, b));
}

function sums(contacts: readonly Contact[]): Parts {
  const minutes = contacts.reduce((sum, one) => sum + (one.minutes ?? 0), 0);
  return [
    { name: 'count', valueInteger: contacts.filter(({ was }) => was === 'held').length },
    { name: 'tried', valueInteger: contacts.filter(({ was }) => was === 'tried').length },
    { name: 'minutes', valueDecimal: Math.round(minutes * 100) / 100 },
  ];
}

function contactPart(contact: Placed): r4.ParametersParameter {
  const { reference, mode, was, at, activity, minutes, where, episode, staff } = contact;
  return {
    name: 'contact',
    part: [
      { name: 'record', valueReference: { reference } },
      { name: 'mode', valueCode: mode },
      { name: 'was', valueCode: was },
      { name: 'at', valueInstant: at },
      { name: 'activity', valueCode: activity },
      ...staff.map((who) => ({ name: 'who', valueReference: { reference: who } })),
      ...(minutes === undefined ? [] : [{ name: 'minutes', valueDecimal: minutes }]),
      ...(where === undefined ? [] : [{ name: 'where', valueString: where }]),
      ...(episode === undefined ? [] : [{ name: 'episode', valueReference: { reference: episode } }]),
    ],
  };
}
