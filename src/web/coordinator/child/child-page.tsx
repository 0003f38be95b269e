import { useEffect, useRef } from 'react';
import { ageText } from '../../../fhir/plan-view.ts';
import { dayText, today } from '../../shared/dates.ts';
import { nameOf } from '../../shared/names.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import { useDesk } from '../desk.ts';
import { Gaps } from '../measures/gaps.tsx';
import { type ChildTab, childTabs } from '../place.ts';
import { WaitingProposals } from '../proposals/waiting-proposals.tsx';
import { Reconcile } from '../reconcile/reconcile.tsx';
import { Reading, TroubleNote } from '../states.tsx';
import { Tabs } from '../tabs.tsx';
import { childWords } from '../words.ts';
import { ContactsTab } from './contacts/contacts-tab.tsx';
import { NeedsTab } from './needs-tab.tsx';
import { PlanTab } from './plan-tab.tsx';
import { type Child, readChild } from './read-child.ts';
import { TeamTab } from './team-tab.tsx';
import { WorkTab } from './work/work-tab.tsx';

/** One child: whose page it is, and its parts. */
export function ChildPage({ patientId, tab }: { patientId: string; tab: ChildTab }) {
  const { client, go } = useDesk();
  const child = useAnswer(patientId, () => readChild(client, patientId));
  return (
    <>
      {child.trouble && <TroubleNote trouble={child.trouble} retry={child.reload} />}
      {!child.value && child.isLoading && <Reading />}
      {child.value && (
        <>
          <Banner child={child.value} />
          <Tabs
            label={childWords.tabs}
            names={childTabs}
            words={childWords}
            current={tab}
            choose={(next) => go({ kind: 'child', patientId, tab: next })}
          />
          <Part key={tab} tab={tab} child={child.value} changed={child.reload} />
        </>
      )}
    </>
  );
}

function Banner({ child: { patient } }: { child: Child }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Who comes here by keyboard or by ear is told whose page it is.
  useEffect(() => heading.current?.focus(), []);
  const age = ageText(patient.birthDate, patient.deceasedDateTime ?? today(new Date()));
  const facts = [age, patient.birthDate && childWords.born(dayText(patient.birthDate)), patient.gender].filter(Boolean);
  return (
    <header className="banner">
      <h1 ref={heading} tabIndex={-1}>
        {nameOf({ ...patient }) ?? childWords.noName}
      </h1>
      <p>{facts.join(' · ')}</p>
    </header>
  );
}

export interface PartProps {
  child: Child;
  /** Something was written that the child's head stands on. */
  changed: () => Promise<void>;
}

function Part({ tab, ...props }: PartProps & { tab: ChildTab }) {
  switch (tab) {
    case 'plan':
      return <PlanTab {...props} />;
    case 'reconcile':
      return <Reconcile {...props} />;
    case 'work':
      return <WorkTab {...props} />;
    case 'needs':
      return <NeedsTab {...props} />;
    case 'contacts':
      return <ContactsTab {...props} />;
    case 'team':
      return <TeamTab {...props} />;
    case 'measures':
      return <Gaps patientId={props.child.patient.id ?? ''} />;
    case 'proposals':
      return <WaitingProposals child={props.child} />;
  }
}
