import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import type { Tx, Written } from '../../store/types.ts';
import { contentHash } from '../content-hash.ts';
import { type Link, linksOf, saveLinks } from '../identity/link.ts';
import { resolveChild } from '../identity/resolve-child.ts';
import { normalize } from '../normalize/generic.ts';
import { type EhrRef, eachReference, readReference } from '../normalize/references.ts';
import { holdFence } from '../sites/lease.ts';
import type { Site } from '../sites/site.ts';
import { type Counts, count } from './counts.ts';
import { isEcho } from './echo.ts';
import { nameAtSite } from './link-child.ts';
import { otherCharts } from './other-charts.ts';
import { type Applied, sliceProvenance } from './provenance.ts';
import { type Member, sliceMembers } from './slice-members.ts';

export interface ApplyContext {
  site: Site;
  siteBases: readonly string[];
  fence: number;
  runId: string;
  now: Date;
}

export interface AppliedSlice {
  /** Our id of the child. */
  patientId: string;
  counts: Counts;
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
  const counts: Counts = {};
  const all = await sliceMembers(tx, context.site.id, ehrPatientId);
  const members = all.filter((member) => !isEcho(member.raw));
  for (const echo of all) if (isEcho(echo.raw)) count(counts, echo.raw.resourceType, 'echo');
  const crosswalk = await readCrosswalk(tx, members, context);
  if (!crosswalk.ok) return crosswalk;
  const { links, unresolved } = crosswalk.value;
  const applied: Applied[] = [];
  const touched: Link[] = [];
  for (const member of members) {
    const link = links.get(`${member.raw.resourceType}/${member.ehrId}`);
    if (!link) continue;
    const written = await applyMember(tx, member, link, { ...context, links, counts });
    if (!written.ok) return written;
    if (written.value.hash !== link.appliedHash || link.appliedHash === undefined) {
      touched.push({ ...link, appliedHash: written.value.hash });
    }
    if (written.value.applied) applied.push(written.value.applied);
  }
  await saveLinks(tx, context.site.id, touched);
  if (applied.length > 0) {
    const provenance = await tx.create(sliceProvenance(applied, provenanceContext(context)));
    if (!provenance.ok) return provenance;
  }
  await tx.query('update ehr_slice set applied_at = $3 where site = $1 and patient = $2', [
    context.site.id,
    ehrPatientId,
    context.now,
  ]);
  const patientId = links.get(`Patient/${ehrPatientId}`)?.id ?? '';
  return ok({ patientId, counts, changed: applied.length > 0, unresolved });
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
  links: ReadonlyMap<string, Link>;
  counts: Counts;
}

async function applyMember(
  tx: Tx,
  member: Member,
  link: Link,
  context: MemberContext,
): Promise<Result<{ hash: string; applied?: Applied }>> {
  const { site, links, counts } = context;
  const type = member.raw.resourceType;
  if (!link.mirror) {
    count(counts, type, 'linked');
    if (type !== 'Patient') return ok({ hash: member.hash });
    const named = await nameAtSite(tx, link.id, site.baseUrl, member.ehrId);
    if (!named.ok) return named;
    return ok({ hash: member.hash, ...appliedOf(member, named.value) });
  }
  const normalized = normalize(member.raw, {
    siteId: site.id,
    baseUrl: site.baseUrl,
    id: link.id,
    resolve: (ref) => {
      const target = links.get(`${ref.type}/${ref.ehrId}`);
      return target && `${target.type}/${target.id}`;
    },
    ...(type === 'Patient' ? { otherIdentifiers: await otherCharts(tx, site.id, link.id) } : {}),
  });
  const hash = contentHash(normalized);
  if (hash === link.appliedHash) {
    count(counts, type, 'unchanged');
    return ok({ hash });
  }
  const written = await tx.update(normalized);
  if (!written.ok) {
    // A rule of the house refused this one resource: it delays only itself and is counted. It is tried again in every run.
    if (written.error.kind !== 'unprocessable' && written.error.kind !== 'invalid') return written;
    count(counts, type, 'quarantined');
    return ok({ hash: link.appliedHash ?? '' });
  }
  const { outcome } = written.value;
  count(counts, type, outcome === 'created' ? 'new' : outcome === 'updated' ? 'updated' : 'unchanged');
  return ok({ hash, ...appliedOf(member, written.value) });
}

function appliedOf(member: Member, written: Written | undefined): { applied?: Applied } {
  if (written === undefined || written.outcome === 'unchanged') return {};
  const { stored, outcome } = written;
  return { applied: { stored, created: outcome === 'created', ehrId: member.ehrId, rawHash: member.hash } };
}
