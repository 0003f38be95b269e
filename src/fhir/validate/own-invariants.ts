import { dateRange } from '../date-range.ts';
import { isObject } from '../search/walk-path.ts';
import { isSame } from './value-match.ts';

type Holds = (value: Record<string, unknown>, root: Record<string, unknown>) => boolean;

/**
 * Invariants decided here and not by their FHIRPath: those on nearly every element of every resource (an engine takes most of
 * the validation time for them), those of the resources that come most, and those whose FHIRPath gives no answer (per-1 for mixed
 * precision, dom-3 for its `descendants`). Each says what its expression in the base definitions means. R4 gives some keys to several
 * invariants: the name of the type tells these apart.
 */
export const ownInvariants: ReadonlyMap<string, Holds> = new Map<string, Holds>([
  ['ait-1', (allergy) => isMistaken(allergy, 'allergyintolerance-verification') || has(allergy, 'clinicalStatus')],
  ['ait-2', (allergy) => !isMistaken(allergy, 'allergyintolerance-verification') || !has(allergy, 'clinicalStatus')],
  ['con-4', (condition) => !hasChoice(condition, 'abatement') || isOver(condition)],
  ['con-5', (condition) => !isMistaken(condition, 'condition-ver-status') || !has(condition, 'clinicalStatus')],
  ['cpl-3', (activity) => !(has(activity, 'detail') && has(activity, 'reference'))],
  ['cpt-2', (contact) => !has(contact, 'value') || has(contact, 'system')],
  ['dom-2', (resource) => containedOf(resource).every((inner) => inner.contained === undefined)],
  ['dom-3', (resource) => containedOf(resource).every((inner) => isMentioned(inner, resource))],
  [
    'dom-4',
    (resource) =>
      containedOf(resource).every((inner) => !has(inner.meta, 'versionId') && !has(inner.meta, 'lastUpdated')),
  ],
  ['dom-5', (resource) => containedOf(resource).every((inner) => !has(inner.meta, 'security'))],
  ['ext-1', (extension) => (extension.extension !== undefined) !== hasValue(extension)],
  ['gol-1', (target) => !hasChoice(target, 'detail') || has(target, 'measure')],
  ['inv-1 Task', isChangedSinceAuthored],
  ['obs-6', (observation) => !(has(observation, 'dataAbsentReason') && hasValue(observation))],
  ['obs-7', (observation) => !(hasValue(observation) && isMeasuredTwice(observation))],
  ['per-1', isOrderedPeriod],
  ['prr-1', (request) => !has(request, 'orderDetail') || has(request, 'code')],
  ['qty-3', (quantity) => !has(quantity, 'code') || has(quantity, 'system')],
  ['ref-1', isResolvable],
]);

function containedOf(resource: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(resource.contained) ? resource.contained.filter(isObject) : [];
}

/** An element is there with its value or with its extensions alone. */
function has(value: unknown, element: string): boolean {
  return isObject(value) && (value[element] !== undefined || value[`_${element}`] !== undefined);
}

function hasValue(element: Record<string, unknown>): boolean {
  return hasChoice(element, 'value');
}

/** An element of several types is there: `valueQuantity`, `_valueString`. */
function hasChoice(element: Record<string, unknown>, name: string): boolean {
  for (const key in element) {
    const at = key.startsWith('_') ? 1 : 0;
    if (!key.startsWith(name, at)) continue;
    const next = key.charCodeAt(at + name.length);
    if (next >= capitalA && next <= capitalZ) return true;
  }
  return false;
}

const capitalA = 0x41;
const capitalZ = 0x5a;

const terminology = 'http://terminology.hl7.org/CodeSystem';

function isCoded(concept: unknown, system: string, codes: readonly string[]): boolean {
  return codingsOf(concept).some(
    (coding) => isObject(coding) && coding.system === `${terminology}/${system}` && codes.includes(String(coding.code)),
  );
}

/** What was written down by mistake. */
function isMistaken({ verificationStatus }: Record<string, unknown>, system: string): boolean {
  return isCoded(verificationStatus, system, ['entered-in-error']);
}

function isOver({ clinicalStatus }: Record<string, unknown>): boolean {
  return isCoded(clinicalStatus, 'condition-clinical', ['resolved', 'remission', 'inactive']);
}

/** inv-1 of a Task: it was not changed before it was made, as far as the precision of both tells. */
function isChangedSinceAuthored({ authoredOn, lastModified }: Record<string, unknown>): boolean {
  if (typeof authoredOn !== 'string' || typeof lastModified !== 'string') return true;
  const made = dateRange(authoredOn);
  const changed = dateRange(lastModified);
  return !made || !changed || changed.end > made.start;
}

/** obs-7: a component has a coding that is the observation's own. */
function isMeasuredTwice({ code, component }: Record<string, unknown>): boolean {
  const own = codingsOf(code);
  const components = Array.isArray(component) ? component.filter(isObject) : [];
  return components.some((inner) => codingsOf(inner.code).some((coding) => own.some((one) => isSame(coding, one))));
}

function codingsOf(concept: unknown): unknown[] {
  return isObject(concept) && Array.isArray(concept.coding) ? concept.coding : [];
}

/** dom-3: a contained resource is referred to from the resource around it, or refers to that one. */
function isMentioned(inner: Record<string, unknown>, outer: Record<string, unknown>): boolean {
  return (typeof inner.id === 'string' && hasText(outer, `#${inner.id}`)) || hasText(inner, '#');
}

function hasText(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value === text;
  return typeof value === 'object' && value !== null && Object.values(value).some((child) => hasText(child, text));
}

/** per-1: a Period must not end before it starts, as far as the precision of both tells. */
function isOrderedPeriod(period: Record<string, unknown>): boolean {
  if (typeof period.start !== 'string' || typeof period.end !== 'string') return true;
  const start = dateRange(period.start);
  const end = dateRange(period.end);
  return !start || !end || start.start < end.end;
}

/** ref-1: a reference to a contained resource finds it. */
function isResolvable(reference: Record<string, unknown>, root: Record<string, unknown>): boolean {
  const text = reference.reference;
  if (typeof text !== 'string' || !text.startsWith('#') || text === '#') return true;
  return containedOf(root).some(({ id }) => id === text.slice(1));
}
