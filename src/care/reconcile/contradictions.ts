/**
 * Orders and wishes that cannot both hold for one child, as data: each side is a list of alternatives, each alternative words of
 * which all have to be there. A word ending in `*` stands for all that begin so. The list is short on purpose: what it does not know is not
 * asked about, and what it finds is only ever asked.
 */
export interface Contradiction {
  name: string;
  /** What the two sides are about, in words for the question. */
  about: string;
  sides: readonly [readonly string[], readonly string[]];
}

export const contradictions: readonly Contradiction[] = [
  {
    name: 'fluids',
    about: 'more fluids against fewer fluids',
    sides: [
      [
        'increase* fluid*',
        'push* fluid*',
        'encourage* fluid*',
        'extra fluid*',
        'more fluid*',
        'increase* water',
        ...['aument* liquido*', 'mas liquido*', 'ofrec* liquido*'],
      ],
      [
        'restrict* fluid*',
        'fluid* restriction',
        'limit* fluid*',
        'reduce* fluid*',
        'fewer fluid*',
        'less fluid*',
        ...['restring* liquido*', 'restriccion liquido*', 'limit* liquido*', 'menos liquido*'],
      ],
    ],
  },
  {
    name: 'salt',
    about: 'more salt against less salt',
    sides: [
      [
        'increase* salt',
        'salt supplement*',
        'sodium supplement*',
        'extra salt',
        'high salt',
        'high sodium',
        ...['mas sal', 'aument* sal', 'suplemento* sal', 'suplemento* sodio'],
      ],
      [
        'restrict* salt',
        'salt restriction',
        'low salt',
        'low sodium',
        'sodium restriction',
        'restrict* sodium',
        'less salt',
        ...['menos sal', 'restring* sal', 'restriccion sal', 'baj* sal', 'baj* sodio', 'restriccion sodio'],
      ],
    ],
  },
  {
    name: 'feeding',
    about: 'feeding by mouth against nothing by mouth',
    sides: [
      [
        'oral feed*',
        'feed* by mouth',
        'oral diet',
        'oral intake encourage*',
        'increase* oral intake',
        'regular diet',
        ...['aliment* boca', 'dieta oral', 'dieta normal'],
      ],
      [
        'nothing by mouth',
        'nil by mouth',
        'npo',
        'no oral feed*',
        'no oral intake',
        'tube feed* only',
        ...['nada boca', 'ayuno', 'nada oral'],
      ],
    ],
  },
  {
    name: 'calories',
    about: 'more calories against fewer calories',
    sides: [
      [
        'increase* calorie*',
        'high calorie',
        'calorie* supplement*',
        'weight gain',
        'gain weight',
        ...['mas caloria*', 'aument* caloria*', 'ganar peso', 'subir peso'],
      ],
      [
        'reduce* calorie*',
        'low calorie',
        'calorie* restriction',
        'weight loss',
        'lose weight',
        ...['menos caloria*', 'reduc* caloria*', 'perder peso', 'bajar peso'],
      ],
    ],
  },
  {
    name: 'activity',
    about: 'full activity against rest',
    sides: [
      [
        'full activity',
        'no activity restriction*',
        'no activity limit*',
        'unrestricted activity',
        'increase* physical activity',
        ...['actividad completa', 'sin restriccion* actividad', 'aument* actividad fisica'],
      ],
      [
        'bed rest',
        'no sport*',
        'no contact sport*',
        'activity restriction',
        'restrict* activity',
        'limit* activity',
        'non weight bearing',
        ...['reposo', 'restriccion* actividad', 'limit* actividad', 'sin deporte*', 'no deporte*', 'evitar deporte*'],
      ],
    ],
  },
  {
    name: 'oxygen',
    about: 'weaning from oxygen against continuing it',
    sides: [
      [
        'wean* oxygen',
        'discontinue oxygen',
        'stop oxygen',
        ...['destete oxigeno', 'retir* oxigeno', 'suspender oxigeno'],
      ],
      [
        'continue oxygen',
        'continuous oxygen',
        'increase* oxygen',
        ...['continu* oxigeno', 'oxigeno continuo', 'aument* oxigeno'],
      ],
    ],
  },
  {
    name: 'resuscitation',
    about: 'full resuscitation against limits to it',
    sides: [
      ['full code', 'full resuscitation', 'attempt resuscitation', ...['reanimacion completa', 'intentar reanimacion']],
      [
        'do not resuscitate',
        'dnr',
        'no resuscitation',
        'allow natural death',
        'do not intubate',
        ...['no reanimar', 'no intubar', 'muerte natural'],
      ],
    ],
  },
  {
    name: 'live-vaccines',
    about: 'giving live vaccines against avoiding them',
    sides: [
      [
        'give live vaccine*',
        'live vaccine* due',
        'live vaccine* allowed',
        ...['aplicar vacuna* viva*', 'dar vacuna* viva*'],
      ],
      [
        'avoid live vaccine*',
        'no live vaccine*',
        'live vaccine* contraindicated',
        ...['evitar vacuna* viva*', 'no vacuna* viva*', 'vacuna* viva* contraindicada*'],
      ],
    ],
  },
];

/** Words that turn an alternative into its opposite, so that it does not count. */
const negations: ReadonlySet<string> = new Set([
  'no',
  'not',
  'never',
  'avoid',
  'stop',
  'without',
  'don',
  'decline',
  'sin',
  'nunca',
  'evitar',
  'suspender',
  'rechaza',
]);

interface Alternative {
  wanted: readonly string[];
  /** Negations that it has itself, so that they deny nothing. */
  own: ReadonlySet<string>;
}

const unsaid: ReadonlySet<string> = new Set(['to', 'in', 'for', 'with', 'of']);

function alternativeOf(text: string): Alternative {
  const wanted = text.split(' ').filter((word) => !unsaid.has(word));
  return { wanted, own: new Set(wanted.filter((word) => negations.has(word))) };
}

/** Taken apart once: every record asks. */
const taken = new WeakMap<Contradiction, readonly (readonly Alternative[])[]>(
  contradictions.map((one) => [one, one.sides.map((side) => side.map(alternativeOf))]),
);

/** Which side a text takes; undefined: none, or it cannot be told because it takes both or denies one. */
export function sideOf(one: Contradiction, words: readonly string[]): 0 | 1 | undefined {
  const denying = words.filter((word) => negations.has(word));
  const sides = taken.get(one) ?? one.sides.map((side) => side.map(alternativeOf));
  const [first, second] = sides.map((side) => side.some((alternative) => matches(alternative, words, denying)));
  if (first === second) return undefined;
  return first ? 0 : 1;
}

/** Which side a text takes, by the name of each contradiction that it takes one of. */
export function sidesOf(words: readonly string[]): ReadonlyMap<string, 0 | 1> {
  const found = new Map<string, 0 | 1>();
  for (const one of contradictions) {
    const side = sideOf(one, words);
    if (side !== undefined) found.set(one.name, side);
  }
  return found;
}

function matches({ wanted, own }: Alternative, words: readonly string[], denying: readonly string[]): boolean {
  return denying.every((word) => own.has(word)) && wanted.every((word) => words.some((one) => isWord(word, one)));
}

function isWord(wanted: string, word: string): boolean {
  return wanted.endsWith('*') ? word.startsWith(wanted.slice(0, -1)) : word === wanted;
}
