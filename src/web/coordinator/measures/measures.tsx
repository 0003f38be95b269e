import { useId, useState } from 'react';
import { useAnswer } from '../../shared/use-answer.ts';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import './measures.css';
import { measureWords } from './measure-words.ts';
import { TrendPlot } from './plots.tsx';
import { RateTable } from './rate-table.tsx';
import { type MeasureHead, readMeasureHeads, readReports } from './read-measures.ts';
import type { GroupRates } from './read-report.ts';

const yearsShown = 5;

/** What the measures come to, one at a time: every rate with its limits, its strata, and the years before. */
export function Measures() {
  const { client } = useDesk();
  const heads = useAnswer('heads', () => readMeasureHeads(client));
  const thisYear = new Date().getFullYear();
  const [chosen, choose] = useState('');
  const [year, setYear] = useState(thisYear);
  const [isPublished, setPublished] = useState(false);
  const measure = heads.value?.find(({ id }) => id === chosen) ?? heads.value?.[0];
  const years = Array.from({ length: yearsShown }, (_, n) => thisYear - n);
  return (
    <section aria-labelledby="measures-title">
      <h1 id="measures-title">{measureWords.title}</h1>
      <p>{measureWords.intro}</p>
      {heads.isLoading && !heads.value && <Reading />}
      {heads.trouble && <TroubleNote trouble={heads.trouble} retry={heads.reload} />}
      {heads.value?.length === 0 && <p className="panel">{measureWords.none}</p>}
      {heads.value && measure && (
        <div className="panel choose">
          <Choice
            label={measureWords.measure}
            value={measure.id}
            options={heads.value.map(({ id, title }) => ({ id, label: title }))}
            choose={choose}
          />
          <Choice
            label={measureWords.year}
            value={String(year)}
            options={years.map((each) => ({ id: String(each), label: String(each) }))}
            choose={(text) => setYear(Number(text))}
          />
          <label className="tick">
            <input type="checkbox" checked={isPublished} onChange={({ target }) => setPublished(target.checked)} />
            {measureWords.published}
          </label>
        </div>
      )}
      {measure && <Report key={`${measure.id} ${year} ${isPublished}`} {...{ measure, year, isPublished }} />}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly { id: string; label: string }[];
  choose: (id: string) => void;
}

function Choice({ label, value, options, choose }: ChoiceProps) {
  const id = useId();
  return (
    <div className="choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => choose(target.value)}>
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

interface ReportProps {
  measure: MeasureHead;
  year: number;
  isPublished: boolean;
}

function Report({ measure, year, isPublished }: ReportProps) {
  const { client } = useDesk();
  const report = useAnswer(`${measure.id} ${year} ${isPublished}`, () =>
    readReports(client, [{ measure, year, isPublished }]),
  );
  const [open, setOpen] = useState<string>();
  const [found] = report.value ?? [];
  const group = found?.groups.find(({ id }) => id === open) ?? found?.groups[0];
  return (
    <div className="report">
      {report.isLoading && !found && <Reading />}
      {report.trouble && <TroubleNote trouble={report.trouble} retry={report.reload} />}
      {found && group && (
        <>
          <div className="panel">
            <RateTable
              caption={measure.title}
              head={measureWords.part}
              rates={found.groups}
              isProportion={group.isProportion}
            />
            {group.isLessBetter && <p>{measureWords.lessIsBetter}</p>}
          </div>
          {found.groups.length > 1 && (
            <Choice label={measureWords.rate} value={group.id} options={found.groups} choose={setOpen} />
          )}
          <Trend {...{ measure, isPublished, group }} />
          <Strata group={group} />
          {found.remarks.length > 0 && (
            <div className="panel">
              <h2>{measureWords.remarks}</h2>
              <ul>
                {found.remarks.map((remark) => (
                  <li key={remark}>{remark}</li>
                ))}
              </ul>
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Trend({ measure, isPublished, group }: Omit<ReportProps, 'year'> & { group: GroupRates }) {
  const { client } = useDesk();
  const thisYear = new Date().getFullYear();
  const years = Array.from({ length: yearsShown }, (_, n) => thisYear - yearsShown + 1 + n);
  const reports = useAnswer(`${measure.id} ${isPublished}`, () =>
    readReports(
      client,
      years.map((year) => ({ measure, year, isPublished })),
    ),
  );
  const rates = reports.value?.map(({ year, groups }) => ({ year, rate: groups.find(({ id }) => id === group.id) }));
  return (
    <div className="panel">
      <h2>{group.label}</h2>
      {reports.isLoading && !rates && <Reading />}
      {reports.trouble && <TroubleNote trouble={reports.trouble} retry={reports.reload} />}
      {rates && <TrendPlot years={rates} isProportion={group.isProportion} />}
    </div>
  );
}

function Strata({ group }: { group: GroupRates }) {
  if (group.stratifiers.length === 0) return <p className="panel">{measureWords.noStrata}</p>;
  return (
    <>
      {group.stratifiers.map(({ id, label, strata }) => (
        <details key={id} className="panel">
          <summary>{measureWords.by(label)}</summary>
          <RateTable
            caption={`${group.label}: ${measureWords.by(label)}`}
            head={label}
            rates={strata}
            isProportion={group.isProportion}
          />
        </details>
      ))}
    </>
  );
}
