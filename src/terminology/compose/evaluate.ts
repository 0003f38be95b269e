import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import { tooMany } from '../systems/memory-system.ts';
import type { Concept, Library, Member } from '../types.ts';
import { matchesWords } from '../words.ts';
import { checkFilters } from './filters.ts';

/** What is wanted of a value set. */
export interface Wanted {
  /** Each must begin a word of the display or the code. */
  words: readonly string[];
  activeOnly: boolean;
  /** Only these; the answer then says which of them are members. */
  only?: readonly { system: string; code: string }[];
}

/** What one evaluation carries along: the value sets it is inside of, and how many it has opened. */
interface Walk {
  library: Library;
  inside: readonly string[];
  opened: { count: number };
}

export const keyOf = ({ system, code }: { system: string; code: string }) => JSON.stringify([system, code]);

/**
 * The members of a value set in a fixed order: that of the includes, and within one that of its list or its code system.
 * Source: FHIR R4, valueset.html#compositions. What cannot be evaluated exactly is an error, never left out:
 * `not-supported`, `too-costly`, `not-found` (a system or value set that is not here), `invalid` (against vsd-1 to vsd-3, or a circle).
 */
export function evaluate(valueSet: r4.ValueSet, library: Library, wanted: Wanted): Promise<Result<Member[]>> {
  return evaluateSet(valueSet, wanted, { library, inside: [], opened: { count: 0 } });
}

async function evaluateSet(valueSet: r4.ValueSet, wanted: Wanted, walk: Walk): Promise<Result<Member[]>> {
  const name = `${valueSet.url ?? ''}|${valueSet.version ?? ''}`;
  if (valueSet.url !== undefined && walk.inside.includes(name)) {
    return fail('unprocessable', 'The value set includes itself.', { code: 'invalid' });
  }
  walk.opened.count += 1;
  if (walk.opened.count > limits.terminology.imports) {
    return fail('unprocessable', 'The value set imports too many value sets.', { code: 'too-costly' });
  }
  const { compose } = valueSet;
  if (!compose) return fromExpansion(valueSet, wanted);
  const within: Walk = { ...walk, inside: [...walk.inside, name] };
  const asked = compose.inactive === false ? { ...wanted, activeOnly: true } : wanted;
  const members = new Map<string, Member>();
  for (const include of compose.include ?? []) {
    const found = await evaluateInclude(include, asked, within);
    if (!found.ok) return found;
    for (const member of found.value) if (!members.has(keyOf(member))) members.set(keyOf(member), member);
    if (members.size > limits.terminology.expansion) return tooMany();
  }
  for (const exclude of compose.exclude ?? []) {
    const only = [...members.values()];
    const found = await evaluateInclude(exclude, { words: [], activeOnly: false, only }, within);
    if (!found.ok) return found;
    for (const member of found.value) members.delete(keyOf(member));
  }
  return ok([...members.values()]);
}

/** A value set that came as its codes only. A part of an expansion is refused: it is not the set. */
function fromExpansion({ expansion }: r4.ValueSet, wanted: Wanted): Result<Member[]> {
  if (!expansion) return fail('unprocessable', 'The value set has no definition here.', { code: 'not-supported' });
  const members = new Map<string, Member>();
  const open = [...(expansion.contains ?? [])].reverse();
  let count = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    open.push(...[...(next.contains ?? [])].reverse());
    count += 1;
    if (next.code === undefined || next.system === undefined) continue;
    const member: Member = {
      system: next.system,
      code: next.code,
      designations: next.designation ?? [],
      active: next.inactive !== true,
      abstract: next.abstract === true,
    };
    if (next.version !== undefined) member.version = next.version;
    if (next.display !== undefined) member.display = next.display;
    if (!members.has(keyOf(member))) members.set(keyOf(member), member);
  }
  if ((expansion.total ?? 0) > count) {
    return fail('unprocessable', 'Only a part of the expansion of the value set is here.', { code: 'not-supported' });
  }
  return ok(narrow([...members.values()], wanted));
}

function narrow(members: readonly Member[], { words, activeOnly, only }: Wanted): Member[] {
  const keys = only && new Set(only.map(keyOf));
  return members.filter(
    (member) =>
      (!keys || keys.has(keyOf(member))) &&
      (member.active || !activeOnly) &&
      matchesWords(words, member.code, member.display),
  );
}

/** One include (or exclude): what its system part selects, met with every value set it imports. */
async function evaluateInclude(include: r4.ValueSetComposeInclude, wanted: Wanted, walk: Walk) {
  const { system, concept, filter, valueSet = [] } = include;
  const misuse =
    (system === undefined && valueSet.length === 0) ||
    (system === undefined && (concept !== undefined || filter !== undefined)) ||
    (concept !== undefined && filter !== undefined);
  if (misuse) {
    return fail('unprocessable', 'A part of the value set is not one of the forms FHIR allows (vsd-1, vsd-2, vsd-3).', {
      code: 'invariant',
    });
  }
  let imported: Member[] | undefined;
  for (const canonical of valueSet) {
    const found = await evaluateImport(canonical, imported ? { ...wanted, only: imported } : wanted, walk);
    if (!found.ok) return found;
    imported = imported ? keepCommon(imported, found.value) : found.value;
  }
  if (system === undefined) return ok(imported ?? []);
  if (!imported) return evaluateSystem(include, system, wanted, walk);
  // The words were looked for in the imported displays already.
  const asked = { words: [], activeOnly: wanted.activeOnly, only: imported };
  const found = await evaluateSystem(include, system, asked, walk);
  return found.ok ? ok(keepCommon(imported, found.value)) : found;
}

function keepCommon(members: readonly Member[], others: readonly Member[]): Member[] {
  const keys = new Set(others.map(keyOf));
  return members.filter((member) => keys.has(keyOf(member)));
}

async function evaluateImport(canonical: string, wanted: Wanted, walk: Walk): Promise<Result<Member[]>> {
  const [url = '', version] = canonical.split('|');
  const valueSet = await walk.library.valueSet(url, version);
  if (!valueSet) {
    return fail('unprocessable', 'A value set that is imported is not here.', { code: 'not-found' });
  }
  return evaluateSet(valueSet, wanted, walk);
}

async function evaluateSystem(
  include: r4.ValueSetComposeInclude,
  system: string,
  wanted: Wanted,
  walk: Walk,
): Promise<Result<Member[]>> {
  const among = wanted.only?.filter((one) => one.system === system).map(({ code }) => code);
  // Nothing of this system is asked about, so it need not be here.
  if (among?.length === 0) return ok([]);
  const reader = await walk.library.system(system, include.version);
  if (include.concept) {
    const codes = include.concept.map(({ code }) => code);
    const known = new Map((await reader?.find(codes))?.map((concept) => [concept.code, concept]));
    const listed = include.concept.map((one) => listedMember(one, system, include.version, known.get(one.code)));
    return ok(narrow(listed, wanted));
  }
  if (!reader) return fail('unprocessable', 'A code system of the value set is not loaded.', { code: 'not-found' });
  if (!reader.complete) {
    return fail('unprocessable', 'Only a part of a code system of the value set is here.', { code: 'not-supported' });
  }
  const filters = await checkFilters(include.filter ?? [], reader);
  if (!filters.ok) return filters;
  const { words, activeOnly } = wanted;
  const found = await reader.select({ filters: filters.value, words, activeOnly, ...(among && { among }) });
  return found.ok ? ok(found.value.map((concept) => memberOf(concept, reader.url, reader.version))) : found;
}

/**
 * A code that the value set names itself is a member on its word, also where its code system is not loaded or has dropped it:
 * whoever wrote the list meant it. What the system knows of it is added.
 */
function listedMember(
  listed: r4.ValueSetComposeIncludeConcept,
  system: string,
  version: string | undefined,
  known: Concept | undefined,
): Member {
  const concept: Concept = known ?? {
    code: listed.code,
    parents: [],
    properties: {},
    designations: [],
    active: true,
    abstract: false,
  };
  const member = memberOf(concept, system, version);
  if (listed.display !== undefined) member.display = listed.display;
  if (listed.designation) member.designations = listed.designation;
  return member;
}

function memberOf(concept: Concept, system: string, version: string | undefined): Member {
  const { code, display, designations, active, abstract } = concept;
  const member: Member = { system, code, designations, active, abstract };
  if (version !== undefined) member.version = version;
  if (display !== undefined) member.display = display;
  return member;
}
