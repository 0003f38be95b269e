import type { PlanView } from '../../fhir/plan-view.ts';
import { dayText } from '../shared/dates.ts';
import { words } from '../shared/words.ts';

/** Whose chart this is. Off on the screen when the EHR's own banner shows it; on paper it is always there. */
export function Banner({ child, onScreen }: { child: PlanView['child']; onScreen: boolean }) {
  const parts = [child.age ?? words.ageUnknown, child.birthDate && words.born(dayText(child.birthDate)), child.sex];
  return (
    <section className={onScreen ? 'banner' : 'banner paper-only'} aria-label={words.child}>
      <strong>{child.name}</strong> <span>{parts.filter(Boolean).join(' · ')}</span>
    </section>
  );
}
