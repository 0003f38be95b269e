import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';

/** A privacy policy as it is written. Every field is described in docs/privacy.md; the shape is `policy.schema.json`. */
export interface PolicyDocument {
  version: string;
  /** The day from which it holds, in its own time zone. */
  effective: string;
  timeZone: string;
  /** Years of age: from `limited` proxies see less, from `adult` none is a proxy by being a parent. */
  thresholds: { limited: number; adult: number };
  /** How long a clinician's word that a teen cannot decide counts. */
  diminishedCapacityMonths: number;
  aggregateMinimumCell: number;
  emergencyAccess: { maxHours: number; reasons: string[]; class: string };
  safeAddressRoles: string[];
  /** Short names of code systems. */
  systems: Record<string, string>;
  categories: CategoryDocument[];
  /** By type: the reference parameters from whose targets a record takes over categories. */
  inherits: Record<string, string[]>;
  bases: Record<string, BasisDocument>;
  /** Categories that only proxies of these relationships (v3-RoleCode) may see. */
  ownCategories: Record<string, string[]>;
  self: { child: string; teen: string; adult: string };
  /** Categories that a minor may close to proxies by a denial of their own; absent: every one. */
  selfCloses?: string[];
  /** Categories whose labels a clinician may take from a record (`$release`); absent: none. */
  clinicianReleases?: string[];
  staff: { default: string; part2: string; roles: Record<string, string> };
  /** By kind (CodeSystem partner-kind); a kind that is not here sees nothing. */
  partners?: Record<string, PartnerDocument>;
  classes: Record<string, ClassDocument>;
  redactions: Record<string, RedactionDocument>;
}

export interface CategoryDocument {
  name: string;
  bit: number;
  /** `system|code`, the system by its short name. */
  labels: string[];
  /** Counts only on a record that is of no other category. */
  onlyAlone?: boolean;
  rules?: { system: string; codes?: string[]; prefixes?: string[] }[];
  /** Canonical URLs, or `*` and the end of one. */
  questionnaires?: string[];
  types?: string[];
}

/** The class of a proxy by the age of the person; `none` is nobody. */
export interface BasisDocument {
  child: string;
  teen: string;
  diminished?: string;
  adult: string;
  diminishedAdult?: string;
  needs: ('verification' | 'source' | 'end')[];
  /** Whoever has it decides for the child what is shared with organizations. */
  decides?: boolean;
}

/** The minimum that a kind of partner is told, and on what it rests. An agreement on record is asked of all of them. */
export interface PartnerDocument {
  class: string;
  /** What makes a child theirs: membership of a care team, an open Task that they own, an enrollment with them. */
  grounds: ('team' | 'task' | 'enrollment')[];
  /** Whether the family must have allowed it: of partners outside of treatment. */
  needsConsent: boolean;
  /** For what it is told (v3-ActReason): a consent for other purposes does not count. */
  purposes: string[];
  /** Whether HIPAA protects the copy that it keeps: where not, whoever shares is warned. */
  isCovered: boolean;
}

export interface GrantDocument {
  types: 'any' | string[];
  /** All of these: a token parameter with one of the values, or a reference parameter that names the viewer. */
  having?: ({ param: string; anyOf: string[] } | { param: string; me: true })[];
}

export interface ClassDocument {
  grants: GrantDocument[];
  /** Taken from a grant of `any` type. */
  without?: string[];
  hides: 'all' | string[];
  /** Hidden categories that the consent of the person concerned may open. */
  opens?: string[];
  /** What may be created, and what changed or deleted; absent: what is seen. */
  creates?: GrantDocument[];
  changes?: GrantDocument[];
  redaction?: string;
}

export interface RedactionDocument {
  stripsLabels: boolean;
  hidesVersions: boolean;
  dropsNarrative: boolean;
  dropsFormerDetails: boolean;
  marksSubsetted: boolean;
  /** Categories of which a record says that a part was left out for privacy (REDACTED), to whom it says that it is told in part; absent: none. */
  letsKnow?: string[];
  /** Elements by type. */
  removes: Record<string, string[]>;
}

/** Checks policies against the schema and against themselves. */
export interface PolicyReader {
  /** Error `invalid`: what is wrong and where, never a value. */
  check(value: unknown): Result<PolicyDocument>;
  /** The policy that comes with Careweave. */
  shipped(): Result<PolicyDocument>;
}

/**
 * `profilesDir`: where `privacy/policy.schema.json` and `privacy/default.json` are. `definitions`: which search parameters there are; by one that there
 * is not, nothing would be inherited, and nobody would notice.
 */
export function createPolicyReader(profilesDir: string, definitions: Pick<Definitions, 'searchParams'>): PolicyReader {
  let validate: ValidateFunction<PolicyDocument> | undefined;
  const file = (name: string): unknown => JSON.parse(readFileSync(join(profilesDir, 'privacy', name), 'utf8'));
  const check = (value: unknown): Result<PolicyDocument> => {
    validate ??= new Ajv({ allowUnionTypes: true }).compile<PolicyDocument>(Object(file('policy.schema.json')));
    if (!validate(value)) {
      const [first] = validate.errors ?? [];
      return fail(
        'invalid',
        `The policy is not well-formed at ${first?.instancePath || '/'}: ${first?.message ?? ''}.`,
      );
    }
    const problem = inconsistency(value, definitions);
    return problem === undefined ? ok(value) : fail('invalid', `The policy contradicts itself: ${problem}.`);
  };
  return {
    check,
    shipped: () => {
      try {
        return check(file('default.json'));
      } catch (cause) {
        return fail('internal', 'The policy that comes with Careweave cannot be read.', { cause });
      }
    },
  };
}

/** What a schema cannot say: every name that is used is defined. */
function inconsistency(policy: PolicyDocument, definitions: Pick<Definitions, 'searchParams'>): string | undefined {
  const categories = new Set(policy.categories.map(({ name }) => name));
  if (categories.size !== policy.categories.length) return 'two categories have one name';
  if (new Set(policy.categories.map(({ bit }) => bit)).size !== categories.size) return 'two categories have one bit';
  const used = [
    ...Object.values(policy.bases).flatMap(({ needs: _needs, decides: _decides, ...byAge }) => Object.values(byAge)),
    ...Object.values(policy.self),
    ...Object.values(policy.staff.roles),
    ...Object.values(policy.partners ?? {}).map((one) => one.class),
    policy.staff.default,
    policy.staff.part2,
    policy.emergencyAccess.class,
  ];
  const missingClass = used.find((name) => !Object.hasOwn(policy.classes, name));
  if (missingClass !== undefined) return 'a class is used that is not defined';
  for (const one of Object.values(policy.classes)) {
    const named = [...(one.hides === 'all' ? [] : one.hides), ...(one.opens ?? [])];
    if (!named.every((name) => categories.has(name))) return 'a class names a category that is not defined';
    if (one.redaction !== undefined && !Object.hasOwn(policy.redactions, one.redaction))
      return 'a class names a redaction that is not defined';
    const tokens = [...one.grants, ...(one.creates ?? []), ...(one.changes ?? [])].flatMap(
      ({ having }) => having ?? [],
    );
    const texts = tokens.flatMap((test) => ('anyOf' in test ? test.anyOf : []));
    if (!texts.every((text) => known(policy, text))) return 'a code system has no name';
  }
  if (!Object.values(policy.redactions).every(({ letsKnow = [] }) => letsKnow.every((name) => categories.has(name))))
    return 'a redaction names a category that is not defined';
  if (![...(policy.selfCloses ?? []), ...(policy.clinicianReleases ?? [])].every((name) => categories.has(name)))
    return 'selfCloses or clinicianReleases names a category that is not defined';
  const labels = policy.categories.flatMap((category) => category.labels);
  if (!labels.every((text) => known(policy, text))) return 'a label is of a code system that has no name';
  const systems = policy.categories.flatMap(({ rules }) => (rules ?? []).map(({ system }) => system));
  if (!systems.every((name) => Object.hasOwn(policy.systems, name)))
    return 'a rule is of a code system that has no name';
  if (!Object.keys(policy.ownCategories).every((name) => categories.has(name)))
    return 'ownCategories names a category that is not defined';
  const inherited = Object.entries(policy.inherits).flatMap(([type, codes]) =>
    codes.map((code) => [type, code] as const),
  );
  if (!inherited.every(([type, code]) => definitions.searchParams(type).has(code)))
    return 'inherits names a search parameter that there is not';
  return isTimeZone(policy.timeZone) ? undefined : 'there is no such time zone';
}

function known(policy: PolicyDocument, text: string): boolean {
  const bar = text.indexOf('|');
  return bar === 0 || (bar > 0 && Object.hasOwn(policy.systems, text.slice(0, bar)));
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
