import { formatScope, type GrantedScope, parseScopes, type ScopeSet } from '../../access/scopes.ts';
import type { Parameters } from '../parameters.ts';
import { en, type Words } from '../words/en.ts';
import { wordsFor } from '../words/say.ts';
import { type Category, categories, scopeWords } from './scope-words.ts';

/** One line of the consent page: what can be ticked, and which scope a tick gives. */
export interface Tick {
  /** Name of the form field. */
  name: string;
  words: string;
  scope: string;
  level: 'special' | GrantedScope['level'];
  /** Kinds of records that can be picked instead of the whole (SC-040). */
  kinds: readonly { name: string; words: string; scope: string }[];
}

/** The ticks for what an app asks, in a stable order: a name means the same when the form comes back, in whatever language. */
export function ticksFor(asked: ScopeSet, resourceTypes: ReadonlySet<string>, words: Words): Tick[] {
  const special = asked.special.filter(isForPeople).map(
    (scope, at): Tick => ({
      name: `a${at}`,
      words: wordsFor(words.special, scope) ?? '',
      scope,
      level: 'special',
      kinds: [],
    }),
  );
  const resource = asked.resource.map((scope, at): Tick => {
    const name = `s${at}`;
    const kinds = kindsOf(scope, resourceTypes).map(({ category, text }, kind) => ({
      name: `${name}k${kind}`,
      words: wordsFor(words.kinds, category.code) ?? category.code,
      scope: text,
    }));
    return { name, words: scopeWords(scope, words), scope: formatScope(scope), level: scope.level, kinds };
  });
  return [...special, ...resource];
}

/** A special scope that is a person's to allow; the others say how the app starts. */
function isForPeople(name: string): boolean {
  return Object.hasOwn(en.special, name);
}

/** The granular scopes below a scope, so far as they are understood here. */
function kindsOf(scope: GrantedScope, resourceTypes: ReadonlySet<string>): { category: Category; text: string }[] {
  if (scope.having !== undefined) return [];
  const letters = ['c', 'r', 'u', 'd', 's'] as const;
  const kept = letters.filter((letter) => scope.interactions.has(letter)).join('');
  return (categories[scope.type] ?? []).flatMap((category) => {
    const text = `${scope.level}/${scope.type}.${kept}?category=${category.system}|${category.code}`;
    return parseScopes(text, resourceTypes).resource.length === 1 ? [{ category, text }] : [];
  });
}

/**
 * The scope text that the ticks of a returned form give. A kind that is ticked narrows its line to the kinds that are ticked, whatever else is
 * said on that line: of two readings the one that gives less.
 */
export function tickedScopes(asked: ScopeSet, ticks: readonly Tick[], form: Parameters): string {
  const chosen = ticks.flatMap((tick) => {
    if (form.one(tick.name) === undefined) return [];
    const kinds = tick.kinds.filter(({ name }) => form.one(name) !== undefined);
    if (kinds.length > 0) return kinds.map(({ scope }) => scope);
    return form.one(`${tick.name}only`) === 'yes' ? [] : [tick.scope];
  });
  const startsApp = asked.special.filter((name) => !isForPeople(name));
  const gives = chosen.some((scope) => scope.includes('/') || scope === 'openid');
  return gives ? [...startsApp, ...chosen].join(' ') : '';
}
