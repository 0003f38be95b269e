import { type Pair, shortestPhrase } from './candidates.ts';
import type { Chart, Item } from './chart.ts';
import type { Finding } from './finding.ts';

/** Words by which a longer text is about something else than the shorter one. */
const turning: ReadonlySet<string> = new Set([
  ...['no', 'not', 'without', 'never', 'avoid', 'stop', 'suspected', 'possible', 'rule', 'ruled', 'history', 'family'],
  ...['resolved', 'risk', 'screening', 'refer', 'secondary', 'due', 'left', 'right'],
  ...[
    'sin',
    'nunca',
    'evitar',
    'suspender',
    'sospecha',
    'posible',
    'probable',
    'descartar',
    'descartado',
    'descartada',
  ],
  ...['antecedente', 'antecedentes', 'familiar', 'resuelto', 'resuelta', 'riesgo', 'tamizaje', 'derivar', 'referir'],
  ...['secundario', 'secundaria', 'izquierdo', 'izquierda', 'derecho', 'derecha'],
]);

/**
 * Pairs of which one is a special case of the other: its code is subsumed (where the code system is loaded), or, where no common code
 * system could say so, its words hold all words of the other and none that turns the meaning.
 */
export function findOverlaps(pairs: readonly Pair[], { ancestors }: Pick<Chart, 'ancestors'>): Finding[] {
  const found: Finding[] = [];
  for (const [a, b] of pairs) {
    if (isTask(a) || isTask(b)) continue;
    const why = subsumed(a, b, ancestors) ?? contained(a, b);
    if (why !== undefined) found.push({ kind: 'overlap', about: a.about, why, members: [a, b] });
  }
  return found;
}

const isTask = ({ resource }: Item) => resource.resourceType === 'Task';

function subsumed(a: Item, b: Item, ancestors: Chart['ancestors']): string | undefined {
  if (ancestors.size === 0) return undefined;
  const isBelow = (one: Item, other: Item) =>
    one.codes.some((code) => other.codes.some((above) => code !== above && ancestors.get(code)?.has(above) === true));
  return isBelow(a, b) || isBelow(b, a) ? 'One is a special case of the other, by their codes.' : undefined;
}

function contained(a: Item, b: Item): string | undefined {
  const [short, long] = a.words.length <= b.words.length ? [a, b] : [b, a];
  if (short.words.length === long.words.length || short.phrase.length < shortestPhrase) return undefined;
  if (!short.words.every((word) => long.words.includes(word))) return undefined;
  if ([...a.systems].some((system) => b.systems.has(system))) return undefined;
  if (long.words.some((word) => !short.words.includes(word) && turning.has(word))) return undefined;
  return 'One says in more words what the other says.';
}
