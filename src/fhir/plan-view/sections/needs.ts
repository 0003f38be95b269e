import type { r4 } from '../../types.ts';
import { conceptText } from '../index-of.ts';
import { isActiveProblem } from '../problems.ts';
import type { PlanSection } from '../section-types.ts';
import { all, byWords, type Chart, hasCode, lineFor, section } from './chart.ts';

const social: ReadonlySet<string> = new Set(['sdoh']);
const unconfirmed: ReadonlySet<string> = new Set(['unconfirmed', 'provisional']);
const withdrawn: ReadonlySet<string> = new Set(['entered-in-error', 'refuted']);

/** A social or family need: a Condition of the US Core category sdoh. */
export function isNeed({ category }: r4.Condition): boolean {
  return hasCode(category, social);
}

/** Needs that are not yet met. An unconfirmed one says so: it is a concern and no diagnosis (decision D10). */
export function needs(chart: Chart): PlanSection | undefined {
  const lines = all(chart, 'Condition')
    .filter((one) => isNeed(one) && isActiveProblem(one) && !hasCode(one.verificationStatus, withdrawn))
    .flatMap((one) => {
      const isUnconfirmed = hasCode(one.verificationStatus, unconfirmed);
      return lineFor(chart, one, { words: conceptText(one.code), facts: [isUnconfirmed && 'not confirmed'] });
    });
  return section('needs', 'Social and family needs', lines.sort(byWords));
}
