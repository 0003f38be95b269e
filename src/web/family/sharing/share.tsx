import { useEffect, useState } from 'react';
import { isOfType } from '../../../fhir/of-type.ts';
import { addMonths } from '../../../fhir/plan-view/review.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { Saying, useWriting } from '../writing.tsx';

interface ShareProps {
  organization: string;
  name: string;
  /** What the server warns of; empty when there is nothing to warn of, or before it was asked. */
  warning: string;
}

/** Lets one partner be told what it needs, until a day (`$share`). */
export function Share({ organization, name, warning: known }: ShareProps) {
  const { words, day } = useWords();
  const { session, today, tell } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [until, setUntil] = useState(addMonths(today, 6));
  const [understood, setUnderstood] = useState(false);
  const writing = useWriting();
  // Of a partner that is not in the list yet, the server's warning comes with its first answer.
  const warning =
    known || (/understood=true/.test(writing.trouble?.sentence ?? '') ? withoutHint(writing.trouble?.sentence) : '');
  if (!isOpen) {
    return (
      <p className="actions">
        <button type="button" onClick={() => setOpen(true)}>
          {words.sharing.share}
        </button>
      </p>
    );
  }
  const send = async () => {
    const resource = parameters(
      ...parameter('valueString', 'organization', organization),
      ...parameter('valueDate', 'until', until),
      ...(understood ? [{ name: 'understood', valueBoolean: true }] : []),
    );
    const request = { method: 'POST' as const, url: `Patient/${session.patientId}/$share`, resource };
    if (await writing.send(request, () => tell(words.sharing.shared(name, day(until))))) setOpen(false);
  };
  return (
    <Saying writing={writing} send={words.sharing.shareYes} onSend={send} cancel={() => setOpen(false)}>
      <h3>{words.sharing.shareWith(name)}</h3>
      <label className="field">
        <span>{words.sharing.until}</span>
        <input type="date" required min={today} value={until} onChange={(event) => setUntil(event.target.value)} />
      </label>
      {warning && (
        <div className="notice">
          <p lang={words.sharing.warning ? undefined : 'en'}>{words.sharing.warning || warning}</p>
          <label className="choice">
            <input
              type="checkbox"
              required
              checked={understood}
              onChange={(event) => setUnderstood(event.target.checked)}
            />{' '}
            <span>{words.sharing.understood}</span>
          </label>
        </div>
      )}
    </Saying>
  );
}

/** The server's warning without what it says to programs. */
function withoutHint(sentence = ''): string {
  return sentence.replace(/ Send understood=true .*$/, '');
}

const partnerKind = `${canonicalBase}/CodeSystem/partner-kind`;

/** A partner that has nothing to do with the child yet: allowed beforehand, it is told something once it has a ground. */
export function ShareWithOther({ known }: { known: readonly string[] }) {
  const { words } = useWords();
  const { client } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [partners, setPartners] = useState<readonly { reference: string; name: string }[]>();
  const [chosen, setChosen] = useState('');
  useEffect(() => {
    if (!isOpen) return undefined;
    let current = true;
    client.all(`Organization?type=${partnerKind}|&_count=100`).then((answer) => {
      const found = (answer.ok ? answer.value : []).flatMap((one) =>
        isOfType(one, 'Organization') ? [{ reference: `Organization/${one.id}`, name: one.name ?? '' }] : [],
      );
      if (current) setPartners(found);
    });
    return () => {
      current = false;
    };
  }, [client, isOpen]);
  if (!isOpen) {
    return (
      <p className="actions">
        <button type="button" onClick={() => setOpen(true)}>
          {words.sharing.other}
        </button>
      </p>
    );
  }
  const others = (partners ?? []).filter(({ reference }) => !known.includes(reference));
  const partner = others.find(({ reference }) => reference === chosen);
  return (
    <section className="card" aria-labelledby="other">
      <h2 id="other">{words.sharing.other}</h2>
      {partners === undefined && <p role="status">{words.reading}</p>}
      {partners !== undefined && others.length === 0 && <p>{words.sharing.noneFound}</p>}
      {others.length > 0 && (
        <label className="field">
          <span>{words.sharing.otherHelp}</span>
          <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value="" />
            {others.map(({ reference, name }) => (
              <option key={reference} value={reference}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {partner && <Share key={partner.reference} organization={partner.reference} name={partner.name} warning="" />}
    </section>
  );
}
