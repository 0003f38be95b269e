import { useState } from 'react';
import { readRendering } from '../../shared/rendering.ts';
import { useFamily, useWords } from '../family.ts';
import { saveFile } from '../save-file.ts';

/** The whole plan as the house prints it: the document of the same records. */
export function SavePlan() {
  const { words } = useWords();
  const { session, planId, tell } = useFamily();
  const [state, setState] = useState<'idle' | 'reading' | 'failed'>('idle');
  const save = async () => {
    setState('reading');
    const page = await readRendering(session, `CarePlan/${planId}/$document`, 'text/html').catch(() => undefined);
    setState(page ? 'idle' : 'failed');
    if (!page) return;
    saveFile(page, 'plan.html');
    tell(words.plan.saved);
  };
  return (
    <p>
      <button type="button" onClick={save} disabled={state === 'reading'}>
        {state === 'reading' ? words.reading : words.plan.print}
      </button>
      {state === 'failed' && <span role="alert"> {words.plan.notSaved}</span>}
    </p>
  );
}
