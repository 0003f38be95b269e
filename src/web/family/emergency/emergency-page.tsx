import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { timeText, today as todayOf } from '../../shared/dates.ts';
import { readRendering } from '../../shared/rendering.ts';
import type { Session } from '../../shared/smart-launch.ts';
import { type KeptSheet, useFamily, useWords } from '../family.ts';
import { familyApp } from '../family-app.ts';
import { saveFile } from '../save-file.ts';
import { ProposeScenario } from './propose-scenario.tsx';
import { ProposedScenarios } from './proposed-scenarios.tsx';
import { savedCopy } from './saved-copy.ts';

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

type Shown = { kind: 'reading' | 'none' | 'unread' } | { kind: 'page'; sheet: KeptSheet; isOld: boolean };

function EmergencyPlan() {
  const { words, language } = useWords();
  const { session, sheets } = useFamily();
  const [shown, setShown] = useState<Shown>({ kind: 'reading' });
  const [asked, setAsked] = useState(0);
  const path = `Patient/${session.patientId}/$emergency-plan?language=${language}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again is reading again
  useEffect(() => {
    let current = true;
    setShown({ kind: 'reading' });
    read(session, path, sheets).then((answer) => current && setShown(answer));
    return () => {
      current = false;
    };
  }, [session, path, sheets, asked]);
  const again = () => setAsked(asked + 1);
  if (shown.kind === 'page') {
    return (
      <>
        {shown.isOld && <OldSheet at={shown.sheet.readAt} again={again} />}
        <Sheet html={shown.sheet.html} title={words.emergency.frame} />
        <Ways sheet={shown.sheet} path={path} again={again} />
      </>
    );
  }
  if (shown.kind === 'reading') return <p role="status">{words.reading}</p>;
  if (shown.kind === 'none') return <p>{words.emergency.none}</p>;
  return (
    <div role="alert" className="trouble">
      <p>{words.emergency.notMade}</p>
      <button type="button" onClick={again}>
        {words.tryAgain}
      </button>
    </div>
  );
}

/** Reads the page. Without network what was read in this session stays to be read; what the server keeps back is not kept here either. */
async function read(session: Session, path: string, sheets: Map<string, KeptSheet>): Promise<Shown> {
  try {
    const blob = await readRendering(session, path, 'text/html');
    if (blob === undefined) {
      sheets.delete(path);
      return { kind: 'none' };
    }
    const sheet = { html: await blob.text(), readAt: new Date() };
    sheets.set(path, sheet);
    return { kind: 'page', sheet, isOld: false };
  } catch {
    const sheet = sheets.get(path);
    return sheet ? { kind: 'page', sheet, isOld: true } : { kind: 'unread' };
  }
}

function OldSheet({ at, again }: { at: Date; again: () => void }) {
  const { words, day, locale } = useWords();
  return (
    <div role="alert" className="notice">
      <p>
        {words.emergency.old(day(todayOf(at)), timeText(at, locale))}{' '}
        <button type="button" onClick={again}>
          {words.tryAgain}
        </button>
      </p>
    </div>
  );
}

/** Ways to keep the plan at hand: a copy for the telephone, which opens without network, and a PDF for paper. */
function Ways({ sheet, path, again }: { sheet: KeptSheet; path: string; again: () => void }) {
  const { words, day, locale } = useWords();
  const { session, tell } = useFamily();
  const [pdf, setPdf] = useState<'idle' | 'reading' | 'failed'>('idle');
  const hint = useId();
  const copy = () => {
    const at = `${window.location.host}${familyApp.home}`;
    const note = words.emergency.copyNote(day(todayOf(sheet.readAt)), timeText(sheet.readAt, locale), at);
    const file = savedCopy(sheet.html, { note });
    if (file === undefined) return setPdf('failed');
    saveFile(new Blob([file], { type: 'text/html;charset=utf-8' }), 'emergency-plan.html');
    return tell(words.emergency.copied);
  };
  const print = async () => {
    setPdf('reading');
    const file = await readRendering(session, path, 'application/pdf').catch(() => undefined);
    setPdf(file ? 'idle' : 'failed');
    if (file) saveFile(file, 'emergency-plan.pdf');
  };
  return (
    <>
      <p className="actions">
        <button type="button" className="main" onClick={copy} aria-describedby={hint}>
          {words.emergency.copy}
        </button>
        <button type="button" onClick={print} disabled={pdf === 'reading'}>
          {pdf === 'reading' ? words.reading : words.emergency.pdf}
        </button>
        <button type="button" className="plain" onClick={again}>
          {words.emergency.again}
        </button>
        {pdf === 'failed' && <span role="alert">{words.emergency.notMade}</span>}
      </p>
      <p className="soft" id={hint}>
        {words.emergency.copyHint}
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
