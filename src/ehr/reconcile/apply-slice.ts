import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { ofPatient } from '../../fhir/provenance.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx, Written } from '../../store/types.ts';
import { contentHash } from '../content-hash.ts';
import { type Link, linksOf, saveLinks } from '../identity/link.ts';
import { resolveChild } from '../identity/resolve-child.ts';
import { normalize } from '../normalize/generic.ts';
import { type EhrRef, eachReference, readReference } from '../normalize/references.ts';
import { holdFence } from '../sites/lease.ts';
import type { Site } from '../sites/site.ts';
import type { Outcome } from './counts.ts';
import { withoutEchoes } from './echo.ts';
import { followReferrals } from './follow-referral.ts';
import { nameAtSite } from './link-child.ts';
import { otherCharts } from './other-charts.ts';
import { type Applied, sliceProvenance } from './provenance.ts';
import { type Member, sliceMembers } from './slice-members.ts';

export interface ApplyContext {
  site: Site;
  siteBases: readonly string[];
  ourBase: string;
  fence: number;
  runId: string;
  now: Date;
}

export interface AppliedSlice {
  /** Our id of the child. */
  patientId: string;
  /** What became of each resource, by `Type/<id at the site>`. */
  outcomes: ReadonlyMap<string, Outcome>;
  changed: boolean;
  /** Resources of the site that are referred to and that we do not hold (yet). */
  unresolved: EhrRef[];
}

/**
 * Brings one patient's raw bodies into the store, in the caller's transaction: identity, normalize, write what differs from what
 * was last applied, one Provenance for all of it. Applying the same slice again writes nothing.
 */
export async function applySlice(tx: Tx, ehrPatientId: string, context: ApplyContext): Promise<Result<AppliedSlice>> {
  const fenced = await holdFence(tx, context.site.id, context.fence);
  if (!fenced.ok) return fenced;
  const all = await sliceMembers(tx, context.site.id, ehrPatientId);
  const followed = await followReferrals(tx, context.site.id, all);
  if (!followed.ok) return followed;
  const outcomes = new Map<string, Outcome>(followed.value.outcomes);
  const members = withoutEchoes(all, context.site.baseUrl);
  const crosswalk = await readCrosswalk(tx, members, context);
  if (!crosswalk.ok) return crosswalk;
  const { links, unresolved } = crosswalk.value;
  // What was never applied is most likely not there: one look at all of it, so that they can be written together.
  const fresh = [...links.values()].filter(({ mirror, appliedHash }) => mirror && appliedHash === undefined);
  await tx.hold(fresh.map(({ type, id }) => ({ type, id })));
  const pass = await applyMembers(tx, members, { ...context, links, outcomes });
  if (!pass.ok) return pass;
  const { touched } = pass.value;
  const applied = [...pass.value.applied, ...followed.value.applied];
  await saveLinks(tx, context.site.id, touched);
  if (applied.length > 0) {
    const child = links.get(`Patient/${ehrPatientId}`)?.id;
    const provenance = await tx.create(ofPatient(sliceProvenance(applied, provenanceContext(context)), child));
    if (!provenance.ok) return provenance;
  }
  await tx.query('update ehr_slice set applied_at = $3 where site = $1 and patient = $2', [
    context.site.id,
    ehrPatientId,
    context.now,
  ]);
  const patientId = links.get(`Patient/${ehrPatientId}`)?.id ?? '';
  return ok({ patientId, outcomes, changed: applied.length > 0, unresolved });
}

function provenanceContext(context: ApplyContext) {
  const { site, runId, now } = context;
  return { siteId: site.id, siteName: site.name, runId, recorded: now };
}

interface Crosswalk {
  links: Map<string, Link>;
  unresolved: EhrRef[];
}

/** Links of all members and of everything they refer to. Members that are new get theirs here. */
async function readCrosswalk(tx: Tx, members: readonly Member[], context: ApplyContext): Promise<Result<Crosswalk>> {
  const { site } = context;
  const wanted = new Map<string, EhrRef>();
  for (const { raw, ehrId } of members) {
    wanted.set(`${raw.resourceType}/${ehrId}`, { type: raw.resourceType, ehrId });
    eachReference(raw, (reference) => {
      const target = readReference(reference, site.baseUrl);
      if (target) wanted.set(`${target.type}/${target.ehrId}`, target);
    });
  }
  const links = await linksOf(tx, site.id, [...wanted.values()]);
  for (const { raw, ehrId } of members) {
    const type = raw.resourceType;
    if (links.has(`${type}/${ehrId}`)) continue;
    if (type === 'Patient') {
      const child = await resolveChild(tx, raw, { siteId: site.id, siteBases: context.siteBases });
      if (!child.ok) return child;
      links.set(`Patient/${ehrId}`, child.value);
    } else {
      links.set(`${type}/${ehrId}`, {
        type,
        ehrId,
        id: stableId('ehr', site.id, type, ehrId),
        mirror: true,
        how: 'new',
      });
    }
  }
  return ok({ links, unresolved: [...wanted.values()].filter((ref) => !links.has(`${ref.type}/${ref.ehrId}`)) });
}

interface MemberContext extends ApplyContext {
  links: Map<string, Link>;
  outcomes: Map<string, Outcome>;
}

interface Pass {
  applied: Applied[];
  touched: Link[];
}

/**
 * Applies all members. One that a rule of the house refuses delays only itself: it is counted, gets no link, and what was
 * written with a reference to it is written again without, so that nothing dangles. It is tried again in every run.
 */
async function applyMembers(tx: Tx, members: readonly Member[], context: MemberContext): Promise<Result<Pass>> {
  const touched = new Map<string, Link>();
  const applied = new Map<string, Applied>();
  let refused = 0;
  for (const member of members) {
    const key = keyOf(member);
    const link = touched.get(key) ?? context.links.get(key);
    if (!link || context.outcomes.get(key) === 'quarantined') continue;
    const done = await applyMember(tx, member, link, context);
    if (!done.ok) return done;
    const { hash, outcome, written } = done.value;
    context.outcomes.set(key, outcome);
    if (outcome === 'quarantined') {
      refused += 1;
      if (link.appliedHash === undefined) context.links.delete(key);
      continue;
    }
    if (hash !== link.appliedHash) touched.set(key, { ...link, appliedHash: hash });
    if (written && written.outcome !== 'unchanged') {
      const created = written.outcome === 'created';
      applied.set(key, { stored: written.stored, created, ehrId: member.ehrId, rawHash: member.hash });
    }
  }
  if (refused > 0) {
    for (const [key, link] of touched) if (context.links.has(key)) context.links.set(key, link);
    const again = await applyMembers(tx, members, context);
    if (!again.ok) return again;
    for (const each of again.value.touched) touched.set(`${each.type}/${each.ehrId}`, each);
    return ok({ applied: [...applied.values(), ...again.value.applied], touched: [...touched.values()] });
  }
  return ok({ applied: [...applied.values()], touched: [...touched.values()] });
}

interface MemberDone {
  hash: string;
  outcome: Outcome;
  written?: Written;
}

async function applyMember(tx: Tx, member: Member, link: Link, context: MemberContext): Promise<Result<MemberDone>> {
  const { site, links } = context;
  const type = member.raw.resourceType;
  if (!link.mirror) {
    const named = type === 'Patient' ? await nameAtSite(tx, link.id, site.baseUrl, member.ehrId) : ok(undefined);
    return named.ok ? ok({ hash: member.hash, outcome: 'linked', written: named.value }) : named;
  }
  const normalized = normalize(member.raw, {
    siteId: site.id,
    baseUrl: site.baseUrl,
    ourBase: context.ourBase,
    id: link.id,
    resolve: (ref) => {
      const target = links.get(`${ref.type}/${ref.ehrId}`);
      return target && `${target.type}/${target.id}`;
    },
    ...(type === 'Patient' ? { otherIdentifiers: await otherCharts(tx, site.id, link.id) } : {}),
  });
  const hash = contentHash(normalized);
  // What an earlier pass of this transaction wrote keeps its outcome.
  const before = context.outcomes.get(keyOf(member));
  if (hash === link.appliedHash) return ok({ hash, outcome: before ?? 'unchanged' });
  const written = await write(tx, normalized, link);
  if (!written.ok) {
    const rule = written.error.kind === 'unprocessable' || written.error.kind === 'invalid';
    return rule ? ok({ hash: '', outcome: 'quarantined' }) : written;
  }
  const outcomes = { created: 'new', updated: 'updated', unchanged: 'unchanged', deleted: 'unchanged' } as const;
  return ok({ hash, outcome: before ?? outcomes[written.value.outcome], written: written.value });
}

/** What was never applied is created, which saves looking for it first; should it be there all the same, it is updated. */
async function write(tx: Tx, normalized: Resource, link: Link): Promise<Result<Written>> {
  if (link.appliedHash !== undefined) return tx.update(normalized);
  const created = await tx.create(normalized, { id: link.id });
  return created.ok || created.error.kind !== 'conflict' ? created : tx.update(normalized);
}

function keyOf(member: Member): string {
  return `${member.raw.resourceType}/${member.ehrId}`;
}
