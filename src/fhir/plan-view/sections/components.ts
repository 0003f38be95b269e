import { isMirror } from '../../mirror.ts';
import type { Typed } from '../../of-type.ts';
import { planCategory, sharedPlanCode } from '../../shared-plan.ts';
import type { Resource } from '../../types.ts';
import { conceptText, localReference, referenceOf } from '../index-of.ts';
import type { PlanSection, SectionLine } from '../section-types.ts';
import { all, byWords, type Chart, day, hasCode, lineFor, section } from './chart.ts';

type Plan = Resource & Typed<'CarePlan'>;

const emergencyKinds: ReadonlySet<string> = new Set(['emergency', 'access', 'crisis']);
const ownSections: ReadonlySet<string> = new Set(['emergency', 'access', 'crisis', 'school', 'transition']);

/** Emergency, access and crisis plans: what there is, of which day, and where. */
export function emergencyAndAccess(chart: Chart): PlanSection | undefined {
  const lines = componentsOf(chart).filter((one) => emergencyKinds.has(planCategory(one) ?? ''));
  return section(
    'emergency-access',
    'Emergency and access plans',
    lines.flatMap((one) => componentLine(one, chart)),
  );
}

/** Components without a section of their own: social, home care, modules of a condition, SCAMPs. */
export function otherParts(chart: Chart): PlanSection | undefined {
  const lines = componentsOf(chart).filter((one) => !ownSections.has(planCategory(one) ?? ''));
  return section(
    'other-parts',
    'Other parts of this plan',
    lines.flatMap((one) => componentLine(one, chart)),
  );
}

const schoolForms = 'http://careweave.org/fhir/CodeSystem/document-purpose';
const forSchool: ReadonlySet<string> = new Set(['school-form']);

/** The school plan and the papers for and from the school (IEP, 504 plan, IFSP). */
export function school(chart: Chart): PlanSection | undefined {
  const plans = componentsOf(chart).filter((one) => planCategory(one) === 'school');
  const papers = all(chart, 'DocumentReference').filter(
    ({ status, category }) => status === 'current' && hasCode(category, forSchool, schoolForms),
  );
  return section('school', 'School, therapy and early intervention', [
    ...plans.flatMap((one) => componentLine(one, chart)),
    ...papers
      .flatMap((one) =>
        lineFor(chart, one, { words: one.description ?? conceptText(one.type), facts: [day(one.date)] }),
      )
      .sort(byWords),
  ]);
}

/** Moving to adult care, from twelve on (decision D4). */
export function transition(chart: Chart): PlanSection | undefined {
  if (isUnderTwelve(chart)) return undefined;
  const plans = componentsOf(chart).filter((one) => planCategory(one) === 'transition');
  return section(
    'transition',
    'Moving to adult care',
    plans.flatMap((one) => componentLine(one, chart)),
  );
}

function isUnderTwelve({ patient, day: today }: Chart): boolean {
  const born = /^(\d{4})-(\d\d-\d\d)$/.exec(patient?.birthDate ?? '');
  if (!born || today === undefined) return false;
  return today.slice(0, 10) < `${Number(born[1]) + 12}-${born[2]}`;
}

/** Components that are in force, written here, and part of this plan. */
export function componentsOf(chart: Chart): Plan[] {
  const whole = referenceOf(chart.plan);
  return all(chart, 'CarePlan').filter((one) => {
    const kind = planCategory(one);
    const isPart = one.partOf?.some((reference) => localReference(reference) === whole) === true;
    const isInForce = one.status === 'active' || one.status === 'on-hold';
    return isPart && isInForce && kind !== undefined && kind !== sharedPlanCode && !isMirror(one);
  });
}

function componentLine(plan: Plan, chart: Chart): SectionLine[] {
  const asOf = day(plan.period?.start ?? plan.created);
  const until = day(plan.period?.end);
  const facts = [
    plan.title !== undefined && conceptText(plan.category?.find((one) => planCategory({ category: [one] }))),
    plan.status,
    asOf && `as of ${asOf}`,
    until && `until ${until}`,
  ];
  const words = plan.title ?? conceptText(plan.category?.find((one) => planCategory({ category: [one] })));
  return lineFor(chart, plan, { words, facts, open: plan.status === 'active' });
}
