import { ok, type Result } from '../../base/errors.ts';
import type { Branch, Criterion, SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Visibility } from '../types.ts';
import { isOfPatients, memberOf, visibleSql } from '../visibility.ts';
import { spanCondition, takeSpans } from './date-span.ts';
import { criterionCondition } from './filters.ts';
import { fewGathered, type Gathered } from './gather.ts';
import { isSubject, patientOf } from './patient-scope.ts';
import type { Selection } from './selection.ts';
import type { Statement } from './statement.ts';
import { selfToken } from './token.ts';
import { isFoundByToken, typeCondition } from './type-condition.ts';

/** What a search asks of each type, one type or several. */
export function branchesOf({ branches, type, filters, sort }: SearchQuery): readonly Branch[] {
  return branches ?? [{ type, filters, sort }];
}

/** A branch of which only these rows, in these versions, are left. */
export interface RowBranch extends Branch {
  rows?: { keys: string[]; versions: number[] };
  /** No match is outside of these rows; each is asked the rest by itself. */
  among?: Gathered;
  /** Asked of each row by itself: `among` says already where it may hold, or nearly every row meets it. */
  oneByOne?: Criterion;
  /** See `Selection`. */
  sizes?: ReadonlyMap<Criterion, number>;
  /** Every match is wanted, whatever the order. */
  whole?: boolean;
}

/** The patient whose records hold every match of a branch, when the search says so. */
function patientScope(parts: StoreParts, { compartment }: SearchQuery, { type, filters }: Branch): string | undefined {
  if (compartment?.type === 'Patient') return compartment.id;
  return patientOf(parts.definitions, type, filters);
}

/** Up to so many ids, the plan for ten is the plan for all. */
const fewIds = 200;

function isOfIds({ filters }: Branch): boolean {
  return filters.some((criterion) => {
    if (criterion.kind !== 'filter' || criterion.param.code !== '_id' || criterion.modifier !== undefined) return false;
    return criterion.values.length <= fewIds && criterion.values.every(({ kind }) => kind === 'token');
  });
}

/** True when every match is one patient's, or has one of a few ids: then rows are looked at one by one. */
export function isScoped(parts: StoreParts, wanted: SearchQuery, branch: Branch, visibility: Visibility): boolean {
  if (patientScope(parts, wanted, branch) !== undefined || isOfIds(branch)) return true;
  return isOfPatients(parts.definitions, visibility, branch.type);
}

/** The WHERE of one type of a search over rows `r`, visibility included; undefined when nothing may be seen. */
export function branchWhere(
  parts: StoreParts,
  wanted: SearchQuery,
  branch: RowBranch,
  visibility: Visibility,
  into: Statement,
): Result<string | undefined> {
  const { definitions } = parts;
  const { type, filters } = branch;
  const visible = visibleSql(definitions, visibility, type, into.add);
  if (visible === false) return ok(undefined);
  const { compartment } = wanted;
  const named = patientOf(definitions, type, filters);
  const patient = patientScope(parts, wanted, branch);
  const isLimited = isOfPatients(definitions, visibility, type);
  const { among } = branch;
  // In the order of the page only the first of many rows are looked at; where all are, the token index may help to choose among them.
  const isAmong = among !== undefined && !(branch.whole && among.size > fewGathered);
  const scoped = isLimited || patient !== undefined || isAmong || isOfIds(branch);
  const all = [typeCondition('r', into.add(type, 'text'), !scoped && filters.some(isFoundByToken)), 'NOT r.deleted'];
  if (visible !== undefined) all.push(visible);
  if (among) all.push(`r.key = ANY (${into.add(among.keys, 'bigint[]')})`);
  const subject = compartment ? undefined : patientOf(definitions, type, filters, isSubject);
  if (subject !== undefined) all.push(`r.patient_id = ${into.add(subject, 'text')}`);
  else if (patient !== undefined && (!isLimited || patient !== named)) {
    all.push(memberOf(into.add(patient, 'text')));
  }
  if (compartment) {
    const there = compartmentThere(parts, compartment, visibility, into);
    if (there === undefined) return ok(undefined);
    all.push(there);
  }
  const selection: Selection = {
    definitions,
    visibility,
    into,
    type,
    row: 'r',
    scoped,
    whole: branch.whole ?? branch.sort.length > 0,
    sizes: branch.sizes ?? new Map(),
    criterion: criterionCondition,
  };
  const { spans, others } = takeSpans(definitions, type, filters);
  all.push(...spans.map((span) => spanCondition(selection, span)));
  for (const criterion of others) {
    const each = criterion === branch.oneByOne ? { ...selection, scoped: true } : selection;
    const condition = criterionCondition(each, criterion);
    if (!condition.ok) return condition;
    all.push(condition.value);
  }
  if (branch.rows) {
    const [keys, versions] = [into.add(branch.rows.keys, 'bigint[]'), into.add(branch.rows.versions, 'integer[]')];
    all.push(`r.key = ANY (${keys}) AND (r.key, r.version) IN (SELECT * FROM unnest(${keys}, ${versions}))`);
  }
  return ok(all.join(' AND '));
}

/** A compartment whose resource the reader may not see holds nothing, like that of a resource that is not there. */
function compartmentThere(
  { definitions }: StoreParts,
  { type, id }: { type: string; id: string },
  visibility: Visibility,
  into: Statement,
): string | undefined {
  const visible = visibleSql(definitions, visibility, type, into.add, 'c');
  if (visible === false) return undefined;
  const its = [`c.self = ${into.add(selfToken(type, id), 'bigint')}`, `c.type = ${into.add(type, 'text')}`];
  its.push(`c.id = ${into.add(id, 'text')}`, 'NOT c.deleted', ...(visible === undefined ? [] : [visible]));
  return `EXISTS (SELECT FROM resource c WHERE ${its.join(' AND ')})`;
}
