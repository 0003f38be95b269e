import { useCallback, useEffect, useRef, useState } from 'react';
import { readRendering } from '../../shared/rendering.ts';
import { useFamily, useWords } from '../family.ts';
import { saveFile } from '../save-file.ts';
import { ProposeScenario } from './propose-scenario.tsx';
import { ProposedScenarios } from './proposed-scenarios.tsx';

/** The emergency plan as it is at this moment, to read and to print; and what the family says can happen. */
export function EmergencyPage() {
  const { words } = useWords();
  return (
    <>
      <p>{words.emergency.intro}</p>
      <EmergencyPlan />
      <ProposeScenario />
      <ProposedScenarios />
    </>
  );
}

function EmergencyPlan() {
  const { words, language } = useWords();
  const { session } = useFamily();
  const [page, setPage] = useState<string | 'none' | 'unread'>();
  const [pdf, setPdf] = useState<'idle' | 'reading' | 'failed'>('idle');
  const [asked, setAsked] = useState(0);
  const path = `Patient/${session.patientId}/$emergency-plan?language=${language}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again is reading again
  useEffect(() => {
    let current = true;
    setPage(undefined);
    readRendering(session, path, 'text/html')
      .then(async (blob) => (blob ? blob.text() : 'none'))
      .catch(() => 'unread')
      .then((text) => current && setPage(text));
    return () => {
      current = false;
    };
  }, [session, path, asked]);
  const save = async () => {
    setPdf('reading');
    const file = await readRendering(session, path, 'application/pdf').catch(() => undefined);
    setPdf(file ? 'idle' : 'failed');
    if (file) saveFile(file, 'emergency-plan.pdf');
  };
  if (page === undefined) return <p role="status">{words.reading}</p>;
  if (page === 'none') return <p>{words.emergency.none}</p>;
  if (page === 'unread') {
    return (
      <div role="alert" className="trouble">
        <p>{words.emergency.notMade}</p>
        <button type="button" onClick={() => setAsked(asked + 1)}>
          {words.tryAgain}
        </button>
      </div>
    );
  }
  return (
    <>
      <Sheet html={page} title={words.emergency.frame} />
      <p className="actions">
        <button type="button" className="main" onClick={save} disabled={pdf === 'reading'}>
          {pdf === 'reading' ? words.reading : words.emergency.pdf}
        </button>
        <button type="button" className="plain" onClick={() => setAsked(asked + 1)}>
          {words.emergency.again}
        </button>
        {pdf === 'failed' && <span role="alert">{words.emergency.notMade}</span>}
      </p>
    </>
  );
}

/** The page as the server renders it, whole; it runs no script. */
function Sheet({ html, title }: { html: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(600);
  const fit = useCallback(() => {
    const body = frame.current?.contentDocument?.body;
    // The body alone: the page as a whole is never lower than the frame that it is in.
    if (body) setHeight(Math.ceil(body.getBoundingClientRect().height) + 48);
  }, []);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [fit]);
  return (
    <iframe
      ref={frame}
      className="sheet"
      title={title}
      srcDoc={html}
      sandbox="allow-same-origin"
      onLoad={fit}
      style={{ height }}
    />
  );
}
