import type { Trouble } from '../shared/fhir-client.ts';
import type { LaunchFailure } from '../shared/smart-launch.ts';
import { useDesk } from './desk.ts';
import { troubleText, welcomeWords, words } from './words.ts';

/** The states of the page and of its parts besides data: each says what is known and what to do. */

export function Loading() {
  return (
    <main className="state" aria-busy="true">
      <h1 role="status" className="quiet-heading">
        {words.reading}
      </h1>
    </main>
  );
}

/** Nobody is signed in, or the way in failed. */
export function Welcome({ reason, signIn }: { reason: LaunchFailure; signIn: () => void }) {
  const { title, help } = welcomeWords[reason];
  return (
    <main className="state">
      <h1>{title}</h1>
      <p role={reason === 'no-launch' ? undefined : 'alert'}>{help}</p>
      <button type="button" className="main-action" onClick={signIn}>
        {words.signIn}
      </button>
    </main>
  );
}

export function Reading() {
  return (
    <p role="status" className="none">
      {words.reading}
    </p>
  );
}

/** What went wrong, in the server's words where it has some, and what to do next. */
export function TroubleNote({ trouble, retry }: { trouble: Trouble; retry?: () => void }) {
  const { signIn } = useDesk();
  return (
    <div role="alert" className="trouble">
      <p>{troubleText(trouble)}</p>
      {trouble.kind === 'expired' && (
        <button type="button" onClick={signIn}>
          {words.signInAgain}
        </button>
      )}
      {trouble.kind !== 'expired' && retry && (
        <button type="button" onClick={retry}>
          {words.tryAgain}
        </button>
      )}
    </div>
  );
}

/** What became of a write; it stays in sight while the list below is read again. */
export function Said({ text }: { text: string }) {
  return (
    <p role="status" className={text === '' ? 'notice empty' : 'notice said'}>
      {text}
    </p>
  );
}
