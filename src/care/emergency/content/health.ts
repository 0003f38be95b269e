import { ofType } from '../../../fhir/of-type.ts';
import { compareText, conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../../fhir/types.ts';
import { codesOf, useSystem } from '../terms.ts';
import { dayOf, keyOf, notesOf, said, valueText } from './say.ts';
import type { Line, Source } from './types.ts';

/** How the child is when well: only what is tagged so, never what was measured today. */
export function baselineLines({ resources }: Source): Line[] {
  const tagged = ofType(resources, 'Observation').filter(
    ({ category, status }) =>
      codesOf(category, useSystem).includes('baseline') && /^(final|amended|corrected|preliminary)$/.test(status),
  );
  return tagged.map((one): Line => {
    const parts = (one.component ?? []).map((part) => said(conceptText(part.code), valueText(part)).join(' '));
    return {
      label: conceptText(one.code) ?? '?',
      text: said(valueText(one), ...parts).join('; '),
      facts: said(...notesOf(one.note), dayOf(one.effectiveDateTime ?? one.effectivePeriod?.start)),
      references: [keyOf(one)],
    };
  });
}

const socialKinds: ReadonlySet<string | undefined> = new Set(['sdoh', 'health-concern']);

/** Active problems, once each; not the family's social needs, which are no business of an emergency room. */
export function problemLines({ resources }: Source): Line[] {
  const active = ofType(resources, 'Condition').filter(({ clinicalStatus, verificationStatus, category }) => {
    const state = clinicalStatus?.coding?.[0]?.code ?? 'active';
    const proof = verificationStatus?.coding?.[0]?.code;
    const kinds = (category ?? []).flatMap(({ coding = [] }) => coding.map(({ code }) => code));
    const isOfVisit = kinds.length > 0 && kinds.every((kind) => kind === 'encounter-diagnosis');
    const isWrong = proof === 'entered-in-error' || proof === 'refuted' || proof === 'unconfirmed';
    return (
      /^(active|recurrence|relapse)$/.test(state) &&
      !isWrong &&
      !isOfVisit &&
      !kinds.some((kind) => socialKinds.has(kind))
    );
  });
  return once(active.map((one): Line => ({ text: conceptText(one.code) ?? '?', facts: [], references: [keyOf(one)] })));
}

/** Past operations and procedures, once each with the last day, newest first. */
export function procedureLines({ resources }: Source): Line[] {
  const done = ofType(resources, 'Procedure').filter(({ status }) => status === 'completed');
  const dayOfProcedure = ({ performedDateTime, performedPeriod }: r4.Procedure) =>
    dayOf(performedDateTime ?? performedPeriod?.start);
  const newestFirst = done.sort((one, other) => compareText(dayOfProcedure(other), dayOfProcedure(one)));
  return once(
    newestFirst.map(
      (one): Line => ({
        text: conceptText(one.code) ?? '?',
        facts: said(dayOfProcedure(one)),
        references: [keyOf(one)],
      }),
    ),
  );
}

function once(lines: readonly Line[]): Line[] {
  const known = new Map<string, Line>();
  for (const line of lines) {
    const key = line.text.toLowerCase();
    const same = known.get(key);
    known.set(key, same ? { ...same, references: [...same.references, ...line.references] } : line);
  }
  return [...known.values()];
}
