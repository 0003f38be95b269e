import { dayText } from '../shared/dates.ts';
import type { Answer } from '../shared/fhir-client.ts';
import { useAnswer } from '../shared/use-answer.ts';
import type { CareManagement } from './care-management.ts';
import { page } from './page-words.ts';
import { Part } from './part.tsx';

interface CareCardProps {
  /** Another key reads again. */
  readKey: string;
  read: () => Promise<Answer<CareManagement[]>>;
}

/** That the child is in care management, and whom to call (S4.12). */
export function CareCard({ readKey, read }: CareCardProps) {
  const loaded = useAnswer(readKey, read);
  return (
    <Part title={loaded.value?.length ? page.inCare : page.care} loaded={loaded}>
      {(found) =>
        found.length === 0 ? (
          <p className="none">{page.notInCare}</p>
        ) : (
          <ul className="managers">
            {found.map((one, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two programs of one manager differ in their place only
              <li key={place}>
                <Manager one={one} />
              </li>
            ))}
          </ul>
        )
      }
    </Part>
  );
}

function Manager({ one: { program, since, onHold, manager, phone } }: { one: CareManagement }) {
  const about = [program, since && page.since(dayText(since)), onHold && page.onHold].filter(Boolean).join(' · ');
  return (
    <>
      <strong className="manager">{manager ?? page.noManager}</strong>{' '}
      {phone ? (
        <a className="phone" href={`tel:${phone.replaceAll(/[^+\d]/g, '')}`}>
          {phone}
        </a>
      ) : (
        <span className="none">{page.noPhone}</span>
      )}
      <span className="roles">{about}</span>
    </>
  );
}
