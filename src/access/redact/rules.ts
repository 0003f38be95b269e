import type { Redaction, RedactionRule } from '../types.ts';

/**
 * How a record is told that names these patients: of one patient by what the most generous of the viewer's classes there gives, of several, or
 * of nobody, by the strictest of all.
 */
export function ruleFor({ rules }: Redaction, patients: ReadonlySet<string>): RedactionRule | undefined {
  const everywhere = rules.filter((one) => one.patients === 'any').map(({ rule }) => rule);
  const byPatient = [...patients].map((id) => {
    const own = rules.flatMap((one) => (one.patients !== 'any' && one.patients.has(id) ? [one.rule] : []));
    return own.length === 0 ? undefined : own.reduce(generous);
  });
  const known = byPatient.filter((rule) => rule !== undefined);
  const all = known.length > 0 ? known : rules.map(({ rule }) => rule);
  return [...everywhere, ...all].reduce<RedactionRule | undefined>(
    (sum, rule) => (sum === undefined || sum === rule ? rule : strict(sum, rule)),
    undefined,
  );
}

const flags = ['stripsLabels', 'hidesVersions', 'dropsNarrative', 'dropsFormerDetails'] as const;

function generous(one: RedactionRule, other: RedactionRule): RedactionRule {
  const removes = [...one.removes].map(([type, names]) => {
    const others = other.removes.get(type) ?? [];
    return [type, names.filter((name) => others.includes(name))] as const;
  });
  return { ...combined(one, other, (a, b) => a && b), removes: new Map(removes) };
}

function strict(one: RedactionRule, other: RedactionRule): RedactionRule {
  const removes = new Map(one.removes);
  for (const [type, names] of other.removes) removes.set(type, [...new Set([...(removes.get(type) ?? []), ...names])]);
  return { ...combined(one, other, (a, b) => a || b), removes };
}

function combined(one: RedactionRule, other: RedactionRule, by: (a: boolean, b: boolean) => boolean): RedactionRule {
  const result = { ...one, marksSubsetted: one.marksSubsetted || other.marksSubsetted };
  for (const flag of flags) result[flag] = by(one[flag], other[flag]);
  return result;
}
