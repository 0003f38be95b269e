import type { r4 } from '../../types.ts';
import { conceptText } from '../index-of.ts';
import type { PlanSection } from '../section-types.ts';
import { isUsable, valueText } from './about-me.ts';
import { all, byWords, type Chart, lineFor, section } from './chart.ts';

const sensitivity = 'http://careweave.org/fhir/CodeSystem/sensitivity';
const aboutParent = 'PARENTOWN';

/**
 * How those who care for the child are: only what is labelled as about a parent, so that it is shown to nobody but those whom the privacy policy lets see
 * such records (decision D4: restricted Observations).
 */
export function caregiver(chart: Chart): PlanSection | undefined {
  const lines = all(chart, 'Observation')
    .filter((one) => isUsable(one) && isAboutParent(one))
    .flatMap((one) =>
      lineFor(chart, one, { words: [conceptText(one.code), valueText(one)].filter(Boolean).join(': ') }),
    );
  return section('caregiver', 'How the caregivers are', lines.sort(byWords));
}

export function isAboutParent({ meta }: Pick<r4.Observation, 'meta'>): boolean {
  return meta?.security?.some(({ system, code }) => system === sensitivity && code === aboutParent) === true;
}
