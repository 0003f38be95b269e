import { isOfType } from '../../fhir/of-type.ts';
import { humanName } from '../../fhir/plan-view/index-of.ts';
import { ageText } from '../../fhir/plan-view.ts';
import type { Resource } from '../../fhir/types.ts';
import { today } from '../shared/dates.ts';
import { failureWords, words } from '../shared/words.ts';
import { Banner } from './banner.tsx';

/** The page's states besides data. Each says what is known and what to do; an error never looks like an empty plan. */

export function Loading() {
  return (
    <main className="state" aria-busy="true">
      <div role="status">
        <h1 className="quiet-heading">{words.loading}</h1>
      </div>
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton short" aria-hidden="true" />
    </main>
  );
}

export function Failure({ reason, retry }: { reason: keyof typeof failureWords; retry?: () => void }) {
  const { title, help } = failureWords[reason];
  return (
    <main className="state">
      <div role="alert" className="alert">
        <h1>{title}</h1>
        <p>{help}</p>
      </div>
      {retry && (
        <button type="button" onClick={retry}>
          {words.tryAgain}
        </button>
      )}
    </main>
  );
}

/** The child is known and has no plan. Also here it must be plain whose chart this is. */
export function NoPlan({ patient, banner, reload }: { patient?: Resource; banner: boolean; reload: () => void }) {
  return (
    <>
      {isOfType(patient, 'Patient') && (
        <Banner
          onScreen={banner}
          child={{
            reference: `Patient/${patient.id}`,
            name: humanName(patient.name) ?? '',
            birthDate: patient.birthDate,
            age: ageText(patient.birthDate, patient.deceasedDateTime ?? today(new Date())),
            sex: patient.gender,
          }}
        />
      )}
      <main className="state">
        <h1>{words.noPlanTitle}</h1>
        <p>
          {patient ? words.noPlan : words.noPatient} {words.noPlanHelp}
        </p>
        <button type="button" onClick={reload}>
          {words.readAgain}
        </button>
      </main>
    </>
  );
}
