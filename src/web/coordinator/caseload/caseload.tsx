import { dayText } from '../../shared/dates.ts';
import type { Names } from '../../shared/names.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import { Bars } from '../bars.tsx';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import { caseloadWords } from '../words.ts';
import { type Caseload as OneCaseload, readCaseloads } from './read-caseload.ts';

/** Whom one looks after, and how full everybody's hands are. */
export function Caseload() {
  const { client, me } = useDesk();
  const { value, trouble, isLoading, reload } = useAnswer(me, () => readCaseloads(client, me));
  return (
    <section aria-labelledby="caseload-title">
      <h1 id="caseload-title">{caseloadWords.title}</h1>
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value?.caseloads.length === 0 && <p className="panel">{caseloadWords.noRole}</p>}
      {value?.caseloads.map((one) => (
        <Program key={one.program} caseload={one} names={value.names} />
      ))}
    </section>
  );
}

function Program({ caseload: { program, loads, members }, names }: { caseload: OneCaseload; names: Names }) {
  const { me, openChild } = useDesk();
  const bars = loads.map(({ who, children, onHold, cap }) => {
    const name = names.get(who) ?? caseloadWords.nobody;
    const isFull = cap !== undefined && children >= cap;
    return {
      label: who === me ? caseloadWords.you(name) : name,
      value: children,
      text: caseloadWords.load(children, cap, onHold),
      ...(cap !== undefined && { limit: cap }),
      ...(isFull && { tone: 'warn' as const }),
    };
  });
  return (
    <>
      <Bars title={caseloadWords.plot(names.get(program) ?? '')} bars={bars} />
      <h2>{caseloadWords.mine(members.length)}</h2>
      {members.length === 0 && <p className="panel">{caseloadWords.none}</p>}
      {members.length > 0 && (
        <table className="panel roster">
          <thead>
            <tr>
              {[caseloadWords.child, caseloadWords.state, caseloadWords.since, caseloadWords.tier].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {members.map((member) => (
              <tr key={member.text('enrollment')}>
                <td>
                  <button
                    type="button"
                    className="link"
                    onClick={() => openChild(member.text('patient')?.split('/')[1] ?? '')}
                  >
                    {names.get(member.text('patient') ?? '') ?? caseloadWords.child}
                  </button>
                </td>
                <td>{caseloadWords.states[member.text('state') ?? ''] ?? member.text('state')}</td>
                <td>{dayText(member.text('enrolledFrom') ?? member.text('eligibleFrom'))}</td>
                <td>{caseloadWords.tiers[member.text('tier') ?? ''] ?? member.text('tier')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
