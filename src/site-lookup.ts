import type { EhrLaunchSites } from './auth/types.ts';
import type { Clock } from './base/clock.ts';
import { limits } from './base/limits.ts';
import type { Logger } from './base/log.ts';
import type { Ehr } from './ehr/index.ts';
import type { Store } from './store/types.ts';

/** What the launch needs to know of the sites, so that `auth` need not know `ehr`. */
export function launchSites(ehr: Ehr, store: Store): EhrLaunchSites {
  return {
    async byIssuer(iss) {
      const site = await ehr.byIssuer(store, iss);
      if (!site || site.state === 'paused') return undefined;
      const scopes = site.launch?.scopes ?? 'launch openid fhirUser patient/*.rs';
      return { siteId: site.id, clientId: site.launch?.clientId ?? site.clientId, scopes };
    },
    patientFor: (siteId, ehrPatientId) => ehr.patientFor(store, siteId, ehrPatientId),
    userFor: (siteId, reference) => ehr.userFor(store, siteId, reference),
  };
}

/** The origins of the configured EHRs: they may be on a private network, and may show our pages in a frame. Read again every minute. */
export function siteOrigins({
  ehr,
  store,
  clock,
  log,
}: {
  ehr: Ehr;
  store: Store;
  clock: Clock;
  log: Logger;
}): () => readonly string[] {
  let origins: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now().getTime();
    if (now - readAt > limits.sync.siteOriginsMs) {
      readAt = now;
      ehr.sites(store).then(
        (sites) => {
          origins = [...new Set(sites.map(({ baseUrl }) => new URL(baseUrl).origin))];
        },
        () => log.warn('the sites could not be read for their origins'),
      );
    }
    return origins;
  };
}
