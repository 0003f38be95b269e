import type { ReactNode } from 'react';
import type { Resource } from '../../fhir/types.ts';
import { failureWords } from '../shared/words.ts';

/** The page's states besides data. Each says what is known and what to do; an error never looks like an empty plan. */

export function Loading() {
  return (
    <main className="state" aria-busy="true">
      <p role="status">Reading the shared plan…</p>
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton short" aria-hidden="true" />
    </main>
  );
}

export function Failure({ reason, retry }: { reason: keyof typeof failureWords; retry?: () => void }) {
  const words = failureWords[reason];
  return (
    <main className="state">
      <div role="alert" className="alert">
        <h1>{words.title}</h1>
        <p>{words.help}</p>
      </div>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </main>
  );
}

export function NoPlan({ patient }: { patient?: Resource }) {
  return (
    <Empty title="No shared plan yet">
      <p>
        {patient ? 'This child is known here' : 'This child’s record could not be shown'}, but no shared plan of care
        has been started. A coordinator can compose one from what the hospitals and the family have said.
      </p>
    </Empty>
  );
}

function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="state">
      <h1>{title}</h1>
      {children}
    </main>
  );
}
