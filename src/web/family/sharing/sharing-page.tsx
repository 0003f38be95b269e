import { useCallback, useEffect, useState } from 'react';
import { type Parts, partsOf } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { AccessLog } from './access-log.tsx';
import { PartnerCard } from './partner-card.tsx';
import { ShareWithOther } from './share.tsx';

/** Who outside the house is told what and why (`$sharing`), what the family allows and stops, and who looked (`$access-log`). */
export function SharingPage() {
  const { words } = useWords();
  const { client, session, resources } = useFamily();
  const [partners, setPartners] = useState<readonly Parts[] | 'unread'>();
  const read = useCallback(async () => {
    const answer = await client.get(`Patient/${session.patientId}/$sharing`);
    setPartners(answer.ok ? partsOf(answer.value).all('partner') : 'unread');
  }, [client, session]);
  // Read anew whenever the plan is: after everything that was sent.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was read anew is the sign to read this anew
  useEffect(() => {
    read();
  }, [read, resources]);
  const mayDecide = may(session, 'Consent', 'c');
  return (
    <>
      <p>{words.sharing.intro}</p>
      {partners === undefined && <p role="status">{words.reading}</p>}
      {partners === 'unread' && (
        <div role="alert" className="trouble">
          <p>{words.trouble.notRead}</p>
          <button type="button" onClick={read}>
            {words.tryAgain}
          </button>
        </div>
      )}
      {Array.isArray(partners) && partners.length === 0 && <p className="card">{words.sharing.none}</p>}
      {Array.isArray(partners) &&
        partners.map((partner: Parts) => (
          <PartnerCard key={partner.text('organization')} partner={partner} mayDecide={mayDecide} />
        ))}
      {Array.isArray(partners) && mayDecide && (
        <ShareWithOther known={partners.map((partner: Parts) => partner.text('organization') ?? '')} />
      )}
      <AccessLog />
    </>
  );
}
