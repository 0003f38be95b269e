import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import { compactProfile } from '../../fhir/validate/compact-profile.ts';
import type { Reader } from '../../store/types.ts';
import { evaluate } from '../compose/evaluate.ts';
import type { Libraries } from '../library.ts';
import type { Library } from '../types.ts';
import { type Answers, codeKey, keep, type Question } from './memory.ts';
import { systemsOf } from './systems-of.ts';

const { rememberedCodes, rememberedProfiles } = limits.terminology;

type CodeQuestion = Extract<Question, { kind: 'code' }>;

/** How many look-ups the questions take: a profile each, and the codes of one system in one set together. */
export function lookUpsOf(open: readonly Question[]): number {
  return open.filter(({ kind }) => kind === 'profile').length + grouped(open).length;
}

/** Looks the questions up and keeps the answers; afterwards none of them is open. */
export async function answer(
  open: readonly Question[],
  answers: Answers,
  reader: Reader,
  libraries: Pick<Libraries, 'libraryOf' | 'profile'>,
): Promise<void> {
  for (const question of open) {
    if (question.kind !== 'profile') continue;
    const found = await libraries.profile(reader, question.canonical);
    keep(answers.profiles, question.canonical, found && usable(found), rememberedProfiles);
  }
  const library = libraries.libraryOf(reader);
  // Of one system in one set: evaluated at once, and undecidable together.
  for (const group of grouped(open)) await answerGroup(group, answers, library);
}

/** A base definition that somebody has loaded changes nothing: R4's own are what every resource is checked against. */
function usable(found: r4.StructureDefinition): r4.StructureDefinition | undefined {
  return found.derivation === 'constraint' ? compactProfile(found) : undefined;
}

function grouped(open: readonly Question[]): CodeQuestion[][] {
  const groups = new Map<string, CodeQuestion[]>();
  for (const question of open) {
    if (question.kind !== 'code') continue;
    const key = `${question.valueSet}\n${question.system ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), question]);
  }
  return [...groups.values()];
}

async function answerGroup(group: readonly CodeQuestion[], answers: Answers, library: Library): Promise<void> {
  const [first] = group;
  const valueSet = first && (await valueSetOf(first.valueSet, library));
  const systems = valueSet && (first.system === undefined ? await systemsOf(valueSet, library) : [first.system]);
  const asked = systems?.flatMap((system) => group.map(({ code }) => ({ system, code })));
  const members =
    valueSet && asked && (await evaluate(valueSet, library, { words: [], activeOnly: false, only: asked }));
  const codes = members?.ok ? new Set(members.value.map(({ code }) => code)) : undefined;
  for (const { valueSet: url, system, code } of group)
    keep(answers.codes, codeKey(url, system, code), codes?.has(code), rememberedCodes);
}

/** In the version that the profile names; when that one is not here, the newest: a set grows, and seldom changes what it means. */
async function valueSetOf(canonical: string, library: Library): Promise<r4.ValueSet | undefined> {
  const [url = '', version] = canonical.split('|');
  const named = version === undefined ? undefined : await library.valueSet(url, version);
  return named ?? library.valueSet(url);
}
