import { dayText, timeText } from '../shared/dates.ts';
import type { Answer } from '../shared/fhir-client.ts';
import { Narrative } from '../shared/narrative.tsx';
import type { Session } from '../shared/smart-launch.ts';
import { useAnswer } from '../shared/use-answer.ts';
import type { EmergencyStanding } from './emergency.ts';
import { OpenFile } from './open-file.tsx';
import { page } from './page-words.ts';
import { Part } from './part.tsx';

interface EmergencyCardProps {
  readKey: string;
  read: () => Promise<Answer<EmergencyStanding | undefined>>;
  session: Session;
}

/** Whether there is an emergency plan, of when, whether it is to be checked again, and the plan itself as page and PDF. */
export function EmergencyCard({ readKey, read, session }: EmergencyCardProps) {
  const path = `Patient/${session.patientId}/$emergency-plan`;
  return (
    <Part title={page.emergency} loaded={useAnswer(readKey, read)}>
      {(standing) =>
        standing === undefined ? (
          <p className="none">{page.noEmergency}</p>
        ) : (
          <>
            <Standing standing={standing} />
            <p className="buttons">
              <OpenFile session={session} path={path} type="text/html" label={page.openEmergency} />
              <OpenFile session={session} path={path} type="application/pdf" label={page.openPdf} />
              <OpenFile
                session={session}
                path={`${path}?language=es`}
                type="application/pdf"
                label={page.openPdfSpanish}
              />
            </p>
          </>
        )
      }
    </Part>
  );
}

function Standing({ standing: { isDue, why, asOf, checkedOn, nextOn } }: { standing: EmergencyStanding }) {
  const facts = [checkedOn && page.checkedOn(dayText(checkedOn)), nextOn && page.nextCheck(dayText(nextOn))];
  return (
    <>
      <p>
        <strong className={isDue ? 'late' : ''}>{isDue ? page.checkDue : page.checkCurrent}</strong>
        <span className="roles">{facts.filter(Boolean).join(' · ')}</span>
      </p>
      {why && (
        <div className="why">
          <Narrative div={why} />
        </div>
      )}
      {asOf && <p className="source">{page.emergencyAsOf(dayText(asOf), timeText(new Date(asOf)))}</p>}
    </>
  );
}
