import { useEffect, useRef, useState } from 'react';
import { readRendering } from '../shared/rendering.ts';
import type { Session } from '../shared/smart-launch.ts';
import { page } from './page-words.ts';

interface OpenFileProps {
  session: Session;
  /** What the server renders, under the FHIR base. */
  path: string;
  type: 'text/html' | 'application/pdf';
  label: string;
  title?: string;
}

type State = { kind: 'idle' | 'busy' | 'failed' | 'absent' } | { kind: 'ready'; url: string };

/**
 * Opens what the server renders in a window of its own: read with the token, shown from memory, so that no address leads to it. Where the EHR's frame lets no window
 * open, a link takes its place.
 */
export function OpenFile({ session, path, type, label, title }: OpenFileProps) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const made = useRef<string[]>([]);
  useEffect(
    () => () => {
      for (const url of made.current) URL.revokeObjectURL(url);
    },
    [],
  );
  const open = async () => {
    // Opened at the click itself: browsers let no window open later.
    const target = window.open('', '_blank');
    setState({ kind: 'busy' });
    try {
      const blob = await readRendering(session, path, type);
      if (blob === undefined) {
        target?.close();
        return setState({ kind: 'absent' });
      }
      const url = URL.createObjectURL(blob);
      made.current.push(url);
      if (target === null) return setState({ kind: 'ready', url });
      target.opener = null;
      target.location.replace(url);
      return setState({ kind: 'idle' });
    } catch {
      target?.close();
      return setState({ kind: 'failed' });
    }
  };
  return (
    <span className="open-file">
      <button type="button" onClick={open} disabled={state.kind === 'busy'} title={title}>
        {state.kind === 'busy' ? page.opening : label}
      </button>
      <span role="status">
        {state.kind === 'failed' && <span className="late">{page.openFailed}</span>}
        {state.kind === 'absent' && <span className="late">{page.notThere}</span>}
        {state.kind === 'ready' && (
          <>
            {page.ready}{' '}
            <a href={state.url} target="_blank" rel="noreferrer">
              {page.openIt}
            </a>
          </>
        )}
      </span>
    </span>
  );
}
