import type { Typed } from '../../of-type.ts';
import type { Resource } from '../../types.ts';
import { conceptText } from '../index-of.ts';
import type { PlanSection } from '../section-types.ts';
import { all, byWords, type Chart, day, hasCode, lineFor, section } from './chart.ts';

const clinicalNotes: ReadonlySet<string> = new Set(['clinical-note']);
const schoolForms: ReadonlySet<string> = new Set(['school-form']);
const proxyBases = 'http://careweave.org/fhir/CodeSystem/proxy-basis';

/** Papers that belong to the plan (advance plans, court papers, letters; not clinical notes), and what was agreed about sharing. */
export function legal(chart: Chart): PlanSection | undefined {
  const papers = all(chart, 'DocumentReference')
    .filter(
      ({ status, category }) =>
        status === 'current' && !hasCode(category, clinicalNotes) && !hasCode(category, schoolForms),
    )
    .flatMap((one) => lineFor(chart, one, { words: one.description ?? conceptText(one.type), facts: [day(one.date)] }));
  const consents = all(chart, 'Consent')
    .filter((one) => one.status === 'active' && !isProxy(one))
    .flatMap((one) => {
      const said = one.provision?.type === 'deny' ? 'does not allow' : 'allows';
      const until = day(one.provision?.period?.end);
      const words = conceptText(one.category?.[0]) ?? conceptText(one.scope);
      return lineFor(chart, one, { words, facts: [said, until && `until ${until}`] });
    });
  return section('legal', 'Legal papers and attachments', [...papers.sort(byWords), ...consents.sort(byWords)]);
}

/** Who decides for the child stands with the family. */
function isProxy({ category }: Resource & Typed<'Consent'>): boolean {
  return category?.some(({ coding }) => coding?.some(({ system }) => system === proxyBases)) === true;
}
