/** One step of the FHIRPath that search parameters are written in: little more than paths. */
export type Step =
  | { kind: 'child'; name: string }
  | { kind: 'type'; type: string }
  | { kind: 'where'; name: string; equals: string }
  | { kind: 'resolves'; type: string }
  | { kind: 'first' };

const forms: [RegExp, (groups: string[]) => Step][] = [
  [/^where\(\s*resolve\(\)\s+is\s+(\w+)\s*\)/, ([type = '']) => ({ kind: 'resolves', type })],
  [/^where\(\s*(\w+)\s*=\s*'([^']*)'\s*\)/, ([name = '', equals = '']) => ({ kind: 'where', name, equals })],
  [/^(?:ofType|as)\(\s*(\w+)\s*\)/, ([type = '']) => ({ kind: 'type', type })],
  [/^\[0\]/, () => ({ kind: 'first' })],
  [/^(\w+)(?!\w*\()/, ([name = '']) => ({ kind: 'child', name })],
];

/** Steps after the name of the type. Throws on what no published expression uses: a new form must be read before it is believed. */
export function stepsOf(expression: string): Step[] {
  let rest = expression
    .replace(/^\(([^()]*(?:\([^()]*(?:\(\))?[^()]*\))?[^()]*)\)/, '$1')
    .replace(/ as (\w+)$/, '.as($1)');
  const steps: Step[] = [];
  while (rest !== '') {
    rest = rest.replace(/^\./, '');
    const form = forms.find(([pattern]) => pattern.test(rest));
    const match = form?.[0].exec(rest);
    if (!form || !match) throw new Error(`unread FHIRPath: ${expression}`);
    steps.push(form[1](match.slice(1)));
    rest = rest.slice(match[0].length);
  }
  return steps;
}
