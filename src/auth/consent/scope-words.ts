import type { GrantedScope } from '../../access/scopes.ts';
import type { Words } from '../words/en.ts';
import { sayText, wordsFor } from '../words/say.ts';

export interface Category {
  system: string;
  /** Its words are those of this code (`words/`, kinds). */
  code: string;
}

const observation = 'http://terminology.hl7.org/CodeSystem/observation-category';
const condition = 'http://terminology.hl7.org/CodeSystem/condition-category';
const usCore = 'http://hl7.org/fhir/us/core/CodeSystem';

/** SC-155: the kinds of records that a person may pick one by one. */
export const categories: Readonly<Record<string, readonly Category[]>> = {
  Condition: [
    { system: condition, code: 'problem-list-item' },
    { system: condition, code: 'encounter-diagnosis' },
    { system: `${usCore}/condition-category`, code: 'health-concern' },
  ],
  Observation: [
    { system: observation, code: 'laboratory' },
    { system: observation, code: 'vital-signs' },
    { system: observation, code: 'social-history' },
    { system: observation, code: 'survey' },
    { system: `${usCore}/us-core-category`, code: 'sdoh' },
  ],
};

/** One scope in plain words, e.g. `See and change: goals`. */
export function scopeWords(scope: GrantedScope, words: Words): string {
  const { everything, ofType, line, only } = words.scopes;
  const what =
    scope.type === '*' ? everything : (wordsFor(words.types, scope.type) ?? sayText(ofType, { type: scope.type }));
  const kinds = (scope.having ?? []).flatMap(({ anyOf }) => anyOf.map((one) => kindWords(scope.type, one, words)));
  const parts = { verbs: verbs(scope, words), what, kinds: kinds.join(', ') };
  return sayText(kinds.length > 0 ? only : line, parts);
}

function kindWords(type: string, { system, code }: { system?: string; code: string }, words: Words): string {
  const known = categories[type]?.find((one) => one.code === code && (system === undefined || one.system === system));
  return (known && wordsFor(words.kinds, known.code)) ?? code;
}

function verbs({ interactions }: GrantedScope, { scopes }: Words): string {
  const said: string[] = [];
  if (interactions.has('r') || interactions.has('s')) said.push(scopes.see);
  if (interactions.has('c')) said.push(scopes.add);
  if (interactions.has('u')) said.push(scopes.change);
  if (interactions.has('d')) said.push(scopes.delete);
  const [last = ''] = said.slice(-1);
  const text = said.length < 2 ? last : sayText(scopes.two, { first: said.slice(0, -1).join(', '), last });
  return text.charAt(0).toUpperCase() + text.slice(1);
}
