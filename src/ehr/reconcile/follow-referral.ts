import { ok, type Result } from '../../base/errors.ts';
import { closedRequest } from '../../care/referral/states.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { linksOf, saveLinks } from '../identity/link.ts';
import type { Outcome } from './counts.ts';
import { isEcho } from './echo.ts';
import type { Applied } from './provenance.ts';
import type { Member } from './slice-members.ts';

interface Followed {
  applied: Applied[];
  outcomes: [key: string, outcome: Outcome][];
}

/**
 * What a site sends back of our own writing. Of a referral one thing there is news for us: that the site has closed it. Then ours,
 * if still open, takes that status; all else in it is ours to say. Each state of the site counts once, so a referral that people
 * here open again is not closed again by an old answer.
 */
export async function followReferrals(tx: Tx, siteId: string, members: readonly Member[]): Promise<Result<Followed>> {
  const echoes = members.filter(({ raw }) => isEcho(raw));
  const followed: Followed = { applied: [], outcomes: [] };
  if (echoes.length === 0) return ok(followed);
  const refs = echoes.map(({ raw, ehrId }) => ({ type: raw.resourceType, ehrId }));
  const links = await linksOf(tx, siteId, refs);
  for (const { raw, ehrId, hash } of echoes) {
    const key = `${raw.resourceType}/${ehrId}`;
    const link = links.get(key);
    followed.outcomes.push([key, 'echo']);
    if (raw.resourceType !== 'ServiceRequest' || link?.how !== 'written' || link.appliedHash === hash) continue;
    await saveLinks(tx, siteId, [{ ...link, appliedHash: hash }]);
    const closed = await closedBy(tx, raw.status, link.id);
    if (!closed) continue;
    const written = await tx.update(closed);
    if (!written.ok) return written;
    followed.outcomes.push([key, 'updated']);
    followed.applied.push({ stored: written.value.stored, created: false, ehrId, rawHash: hash });
  }
  return ok(followed);
}

/** Our referral with the status that closes it; undefined when it is closed already, gone, or the site still has it open. */
async function closedBy(tx: Tx, status: unknown, id: string): Promise<(Resource & { id: string }) | undefined> {
  if (typeof status !== 'string' || !closedRequest.has(status)) return undefined;
  const stored = await tx.read('ServiceRequest', id);
  const referral = stored && !stored.deleted ? parseJson(stored.json) : undefined;
  if (!isResource(referral) || closedRequest.has(String(referral.status))) return undefined;
  return { ...referral, id, status };
}
