import type { Grant, TokenTest } from '../../store/types.ts';
import type { RedactionRule } from '../types.ts';
import type { ClassDocument, GrantDocument, PolicyDocument } from './document.ts';
import { rulesOf } from './rules.ts';

/** A policy as it is asked: names have become bits, lists have become maps. */
export interface Policy {
  document: PolicyDocument;
  version: string;
  /** Of policies with the same, records have the same categories. */
  rules: string;
  /** All bits that some category has. */
  all: bigint;
  bits: ReadonlyMap<string, bigint>;
  /** `system|code` of a label to its bits. */
  labels: ReadonlyMap<string, bigint>;
  /** By code system: single codes, and prefixes by their first character. */
  codes: ReadonlyMap<string, { single: ReadonlyMap<string, bigint>; prefixes: ReadonlyMap<string, readonly Prefix[]> }>;
  questionnaires: { exact: ReadonlyMap<string, bigint>; ends: readonly { end: string; bits: bigint }[] };
  types: ReadonlyMap<string, bigint>;
  /** What a minor may close to proxies. */
  selfCloses: bigint;
  /** Whose labels a clinician may take away. */
  clinicianReleases: bigint;
  /** Bits that count only where there is no other. */
  onlyAlone: bigint;
  classes: ReadonlyMap<string, AccessClass>;
}

interface Prefix {
  start: string;
  bits: bigint;
}

/** A grant of a class, before it is known whose: `mine` are reference parameters by each of which the record must name the viewer. */
export interface ClassGrant extends Pick<Grant, 'types' | 'having'> {
  mine?: readonly string[];
}

/** A class of the policy, ready to be made grants of. */
export interface AccessClass {
  name: string;
  grants: readonly ClassGrant[];
  creates?: readonly ClassGrant[];
  changes?: readonly ClassGrant[];
  hides: bigint;
  opens: bigint;
  redaction?: RedactionRule;
}

/** `types`: all resource types, for grants that are of any type but some. */
export function compilePolicy(document: PolicyDocument, types: ReadonlySet<string>): Policy {
  const bits = new Map(document.categories.map(({ name, bit }) => [name, 1n << BigInt(bit)]));
  const union = (names: readonly string[]) => names.reduce((sum, name) => sum | (bits.get(name) ?? 0n), 0n);
  const all = union([...bits.keys()]);
  const classes = Object.entries(document.classes).map(([name, one]) => {
    const compiled = compileClass(document, name, one, { types, union });
    return [
      name,
      { ...compiled, hides: one.hides === 'all' ? all : union(one.hides), opens: union(one.opens ?? []) },
    ] as const;
  });
  return {
    document,
    version: document.version,
    rules: rulesOf(document),
    all,
    bits,
    labels: labelsOf(document, bits),
    codes: codesOf(document, bits),
    questionnaires: questionnairesOf(document, bits),
    types: mapOf(
      document.categories.flatMap(({ name, types: own }) => (own ?? []).map((type) => [type, bits.get(name)])),
    ),
    clinicianReleases: union(document.clinicianReleases ?? []),
    selfCloses: document.selfCloses ? union(document.selfCloses) : all,
    onlyAlone: union(document.categories.filter(({ onlyAlone }) => onlyAlone).map(({ name }) => name)),
    classes: new Map(classes),
  };
}

/** `system|code` with the system's short name, written out. */
export function expand(document: PolicyDocument, text: string): { system?: string; code: string } {
  const bar = text.indexOf('|');
  const system = document.systems[text.slice(0, bar)];
  return { ...(system !== undefined && { system }), code: text.slice(bar + 1) };
}

function mapOf(entries: readonly (readonly [string, bigint | undefined])[]): ReadonlyMap<string, bigint> {
  const map = new Map<string, bigint>();
  for (const [key, value = 0n] of entries) map.set(key, (map.get(key) ?? 0n) | value);
  return map;
}

function labelsOf(document: PolicyDocument, bits: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> {
  return mapOf(
    document.categories.flatMap(({ name, labels }) =>
      labels.map((label) => {
        const { system = '', code } = expand(document, label);
        return [`${system}|${code}`, bits.get(name)] as const;
      }),
    ),
  );
}

function codesOf(document: PolicyDocument, bits: ReadonlyMap<string, bigint>): Policy['codes'] {
  const bySystem = new Map<string, { single: Map<string, bigint>; prefixes: Map<string, Prefix[]> }>();
  for (const { name, rules = [] } of document.categories) {
    const own = bits.get(name) ?? 0n;
    for (const { system, codes = [], prefixes = [] } of rules) {
      const url = document.systems[system] ?? '';
      const rule = bySystem.get(url) ?? { single: new Map(), prefixes: new Map() };
      bySystem.set(url, rule);
      for (const code of codes) rule.single.set(code, (rule.single.get(code) ?? 0n) | own);
      for (const start of prefixes) {
        const bare = bareCode(start);
        const first = bare.charAt(0);
        rule.prefixes.set(first, [...(rule.prefixes.get(first) ?? []), { start: bare, bits: own }]);
      }
    }
  }
  return bySystem;
}

/** ICD-10-CM codes come with and without their dot, and in either case. */
export function bareCode(code: string): string {
  return code.replaceAll('.', '').toUpperCase();
}

function questionnairesOf(document: PolicyDocument, bits: ReadonlyMap<string, bigint>): Policy['questionnaires'] {
  const exact: [string, bigint | undefined][] = [];
  const ends: { end: string; bits: bigint }[] = [];
  for (const { name, questionnaires = [] } of document.categories) {
    for (const text of questionnaires) {
      if (text.startsWith('*')) ends.push({ end: text.slice(1), bits: bits.get(name) ?? 0n });
      else exact.push([text, bits.get(name)]);
    }
  }
  return { exact: mapOf(exact), ends };
}

function compileClass(
  document: PolicyDocument,
  name: string,
  one: ClassDocument,
  { types, union }: { types: ReadonlySet<string>; union: (names: readonly string[]) => bigint },
) {
  const without = new Set(one.without ?? []);
  const rest = without.size === 0 ? 'any' : new Set([...types].filter((type) => !without.has(type)));
  const compiled = (grant: GrantDocument): ClassGrant => {
    const having = (grant.having ?? []).flatMap((test) => ('anyOf' in test ? [tokenTest(document, test)] : []));
    const mine = (grant.having ?? []).flatMap((test) => ('me' in test ? [test.param] : []));
    return {
      types: grant.types === 'any' ? rest : new Set(grant.types),
      ...(having.length > 0 && { having }),
      ...(mine.length > 0 && { mine }),
    };
  };
  return {
    name,
    grants: one.grants.map(compiled),
    ...(one.creates && { creates: one.creates.map(compiled) }),
    ...(one.changes && { changes: one.changes.map(compiled) }),
    ...(one.redaction !== undefined && { redaction: redactionRule(document, one.redaction, union) }),
  };
}

function redactionRule(
  document: PolicyDocument,
  name: string,
  union: (names: readonly string[]) => bigint,
): RedactionRule | undefined {
  const found = document.redactions[name];
  return found && { ...found, letsKnow: union(found.letsKnow ?? []), removes: new Map(Object.entries(found.removes)) };
}

function tokenTest(document: PolicyDocument, test: { param: string; anyOf: string[] }): TokenTest {
  return { param: test.param, anyOf: test.anyOf.map((text) => expand(document, text)) };
}
