import type { Clock } from '../../../base/clock.ts';
import type { Definitions } from '../../../fhir/definitions.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Speaker, Translation } from '../../../module.ts';
import type { Sql } from '../../../store/types.ts';
import { hear } from './hear.ts';
import { createPartners, type Partner } from './partners.ts';
import { turned } from './search.ts';
import { tell } from './tell.ts';

interface Deps {
  sql: Sql;
  clock: Clock;
  definitions: Definitions;
}

/** What the edge is given: partners' systems read and write referrals in their own words, everybody else as they are kept. */
export function createTranslation({ sql, clock, definitions }: Deps): Translation {
  const partners = createPartners({ sql, clock });
  const params = definitions.searchParams('Task');
  return {
    async speaker({ kind, id }) {
      const partner = kind === 'client' ? await partners(id) : undefined;
      if (!partner || partner.dialect === 'fhir') return undefined;
      return speakerOf(partner, partner.dialect, params);
    },
  };
}

function speakerOf(
  partner: Partner,
  dialect: Exclude<Partner['dialect'], 'fhir'>,
  params: ReturnType<Definitions['searchParams']>,
): Speaker {
  const [status, businessStatus] = [params.get('status'), params.get('business-status')];
  return {
    types: new Set(['Task']),
    tell: (resource) => tell(dialect, resource),
    hear(resource, stored) {
      const { owner } = (stored ?? resource) as Partial<r4.Task>;
      const isPerformer = owner?.reference !== undefined && partner.actsFor.includes(owner.reference);
      return hear(dialect, resource, { isPerformer, ...(stored && { stored }) });
    },
    ask: (query) => (status && businessStatus ? turned(dialect, query, { status, businessStatus }) : query),
  };
}
