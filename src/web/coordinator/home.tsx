import { Caseload } from './caseload/caseload.tsx';
import { useDesk } from './desk.ts';
import { FindChild } from './find-child.tsx';
import { Measures } from './measures/measures.tsx';
import { type HomeView, homeViews } from './place.ts';
import { WaitingProposals } from './proposals/waiting-proposals.tsx';
import { WorkQueue } from './queue/work-queue.tsx';
import { Tabs } from './tabs.tsx';
import { homeWords } from './words.ts';

/** What the day holds: what waits, whom one looks after, what families have proposed. */
export function Home({ view }: { view: HomeView }) {
  const { go } = useDesk();
  return (
    <>
      <FindChild />
      <Tabs
        label={homeWords.tabs}
        names={homeViews}
        words={homeWords}
        current={view}
        choose={(next) => go({ kind: 'home', view: next })}
      />
      {view === 'queue' && <WorkQueue />}
      {view === 'caseload' && <Caseload />}
      {view === 'proposals' && <WaitingProposals />}
      {view === 'measures' && <Measures />}
    </>
  );
}
