import { searchAll } from '../pull/search-all.ts';
import { Warnings } from '../pull/warnings.ts';
import { outboxSystem } from '../reconcile/echo.ts';
import { shapes } from '../shape.ts';
import type { SiteSession } from '../site-session.ts';
import type { EhrFailure } from '../transport/failure.ts';

export type Looked = { ok: true; ehrId: string | undefined } | { ok: false; failure: EhrFailure };

/**
 * Looks whether a site has what we may have sent: by our identifier where the site searches by it, then among all the
 * patient's resources of the type. "Not there" is only said after the second search was complete.
 */
export async function lookFor(session: SiteSession, type: string, subject: string, idemKey: string): Promise<Looked> {
  const can = session.discovery.capability[type];
  const searchBy = can?.searchBy ?? 'patient';
  const patient = { [searchBy]: `Patient/${subject}` };
  const searches = [patient];
  if (can?.params.includes('identifier')) searches.unshift({ ...patient, identifier: `${outboxSystem}|${idemKey}` });
  let failure: EhrFailure | undefined;
  for (const params of searches) {
    const found = await searchAll(session.client, type, params, new Warnings());
    for (const [ehrId, resource] of found.resources) {
      const ours = shapes(resource.identifier).some((each) => each.system === outboxSystem && each.value === idemKey);
      if (ours) return { ok: true, ehrId };
    }
    failure = found.complete ? undefined : (found.failure ?? { class: 'unknown' });
  }
  return failure ? { ok: false, failure } : { ok: true, ehrId: undefined };
}
