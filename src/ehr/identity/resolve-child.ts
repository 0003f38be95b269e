import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson } from '../../fhir/json.ts';
import type { SearchParam } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import { seesAll, type Tx } from '../../store/types.ts';
import { strongIdentifiers } from './evidence.ts';
import type { Link } from './link.ts';
import { sameChild } from './same-child.ts';

const identifierParam: SearchParam = { code: 'identifier', kind: 'token', expression: 'Patient.identifier' };

export interface ChildContext {
  siteId: string;
  /** Base URLs of all sites: identifiers under them are local to a site. */
  siteBases: readonly string[];
}

/**
 * Decides whose chart a site's Patient is, the first time it is seen. Linked to a child we hold only when that is certain: a
 * strong identifier in common, everything else in agreement, one candidate, and no other chart of this site linked to it.
 * Otherwise the child is new here. Contradictions are kept in `ehr_identity_conflict`.
 */
export async function resolveChild(tx: Tx, patient: Resource, context: ChildContext): Promise<Result<Link>> {
  const ehrId = String(patient.id);
  const own: Link = {
    type: 'Patient',
    ehrId,
    id: stableId('ehr', context.siteId, 'Patient', ehrId),
    mirror: true,
    how: 'new',
  };
  const tokens = strongIdentifiers(patient, context.siteBases).sort();
  // Two sites that meet the same child at the same time must not both find nobody.
  for (const token of tokens) await tx.lock(`ehr-identity:${token}`);
  const candidates = await holdersOf(tx, tokens);
  if (!candidates.ok) return candidates;
  const same: Resource[] = [];
  for (const candidate of candidates.value) {
    const verdict = sameChild(patient, candidate);
    if (verdict.same) same.push(candidate);
    else await keepConflict(tx, context.siteId, ehrId, String(candidate.id), verdict.conflict);
  }
  const [match] = same;
  if (match === undefined) return ok(own);
  if (same.length > 1) {
    for (const candidate of same) await keepConflict(tx, context.siteId, ehrId, String(candidate.id), 'several');
    return ok(own);
  }
  const [taken] = await tx.query(`select 1 from ehr_link where site = $1 and type = 'Patient' and id = $2`, [
    context.siteId,
    match.id,
  ]);
  if (taken) {
    await keepConflict(tx, context.siteId, ehrId, String(match.id), 'two-charts');
    return ok(own);
  }
  return ok({ ...own, id: String(match.id), mirror: false, how: 'identifier' });
}

/** Patients of ours with one of these identifiers. */
async function holdersOf(tx: Tx, tokens: readonly string[]): Promise<Result<Resource[]>> {
  const holders = new Map<string, Resource>();
  for (const token of tokens) {
    const split = token.indexOf('|');
    const value = { kind: 'token' as const, system: token.slice(0, split), code: token.slice(split + 1) };
    const page = await tx.search(
      {
        type: 'Patient',
        filters: [{ kind: 'filter', param: identifierParam, values: [value] }],
        includes: [],
        revincludes: [],
        sort: [],
        count: 10,
        total: 'none',
      },
      seesAll,
    );
    if (!page.ok) return page;
    for (const match of page.value.matches) {
      const resource = parseJson(match.json);
      if (isResource(resource)) holders.set(match.id, resource);
    }
  }
  return ok([...holders.values()]);
}

async function keepConflict(tx: Tx, siteId: string, ehrId: string, patientId: string, rule: string): Promise<void> {
  await tx.query(
    `insert into ehr_identity_conflict (site, ehr_id, patient_id, rule) values ($1, $2, $3, $4) on conflict do nothing`,
    [siteId, ehrId, patientId, rule],
  );
}
