import { useState } from 'react';
import type { Parts } from '../../shared/parameters.ts';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { TroubleNote, useWriting } from '../writing.tsx';
import { Share } from './share.tsx';

/** One partner in plain words, and what the family may do about it. */
export function PartnerCard({ partner, mayDecide }: { partner: Parts; mayDecide: boolean }) {
  const { words, day } = useWords();
  const { sharing } = words;
  const organization = partner.text('organization') ?? '';
  const name = partner.words('organization') ?? organization;
  const sees = partner.is('sees');
  const leave = partner.text('leave') ?? '';
  const told = partner.texts('what').map((text) => sharing.told[text] ?? text);
  const opened = partner.texts('sensitive').map((code) => sharing.categories[code] ?? code);
  const grounds = partner.texts('because').flatMap((code) => sharing.grounds[code] ?? []);
  const until = partner.text('agreementUntil');
  const isAllowed = leave === 'given' || leave === 'not-needed';
  return (
    <article className="card">
      <h2>{name}</h2>
      <p>
        <span className={sees ? 'badge yes' : 'badge'}>{sees ? sharing.sees : sharing.seesNot}</span>
      </p>
      {told.length > 0 && (
        <p>
          {sharing.what} {told.join(', ')}.
        </p>
      )}
      {opened.length > 0 && (
        <p className="late">
          {sharing.sensitive} {opened.join(', ')}.
        </p>
      )}
      {grounds.length > 0 && (
        <p>
          {sharing.because} {grounds.join(', ')}.
        </p>
      )}
      <p>{partner.is('agreement') ? sharing.agreement(day(until)) : sharing.noAgreement}</p>
      <p>{sharing.leave[leave]}</p>
      {partner.all('consent').map((consent) => (
        <ConsentLine key={consent.text('id')} consent={consent} />
      ))}
      {mayDecide && isAllowed && <Stop organization={organization} name={name} />}
      {mayDecide && !isAllowed && (
        <Share organization={organization} name={name} warning={partner.text('warning') ?? ''} />
      )}
    </article>
  );
}

function ConsentLine({ consent }: { consent: Parts }) {
  const { words, day } = useWords();
  const by = words.sharing.by[consent.text('by') ?? ''] ?? '';
  const until = consent.end('period');
  return (
    <p className="soft">
      {consent.text('says') === 'deny' ? words.sharing.deny(by) : words.sharing.permit(by, day(until))}
    </p>
  );
}

/** Ends what a partner is told (`$stop-sharing`), after a second look. */
function Stop({ organization, name }: { organization: string; name: string }) {
  const { words } = useWords();
  const { session, tell } = useFamily();
  const [isSure, setSure] = useState(false);
  const writing = useWriting();
  if (!isSure) {
    return (
      <p className="actions">
        <button type="button" className="stop" onClick={() => setSure(true)}>
          {words.sharing.stop}
        </button>
      </p>
    );
  }
  const send = () =>
    writing.send(
      {
        method: 'POST',
        url: `Patient/${session.patientId}/$stop-sharing`,
        resource: parameters(...parameter('valueString', 'organization', organization)),
      },
      () => tell(words.sharing.stopped(name)),
    );
  return (
    <div className="saying">
      <p>{words.sharing.stopSure(name)}</p>
      {writing.trouble && <TroubleNote trouble={writing.trouble} />}
      <p className="actions">
        <button type="button" className="stop" onClick={send} disabled={writing.isSending}>
          {writing.isSending ? words.sending : words.sharing.stopYes}
        </button>
        <button type="button" className="plain" onClick={() => setSure(false)}>
          {words.cancel}
        </button>
      </p>
    </div>
  );
}
