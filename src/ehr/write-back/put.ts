import type { SiteSession } from '../site-session.ts';
import type { EhrResult } from '../transport/client.ts';
import type { Outgoing } from './outgoing.ts';
import type { WrittenAtSite } from './written.ts';

/**
 * Updates what the site holds of ours, in place. Read first: some sites want If-Match, others ignore it, and one that is gone
 * there is made anew.
 */
export async function putAtSite(
  session: SiteSession,
  written: WrittenAtSite,
  outgoing: Outgoing,
  idemKey: string,
): Promise<{ answer: EhrResult; created: boolean }> {
  const current = await session.client.read(written.ehrType, written.ehrId);
  if (!current.ok && current.failure.class === 'missing') {
    return { answer: await session.client.create(outgoing.build(idemKey)), created: true };
  }
  if (!current.ok) return { answer: current, created: false };
  const version = current.value.resource?.meta?.versionId;
  const etag = current.value.etag ?? (version === undefined ? undefined : `W/"${version}"`);
  const body = { ...outgoing.build(idemKey), id: written.ehrId };
  return { answer: await session.client.update(body, etag), created: false };
}
