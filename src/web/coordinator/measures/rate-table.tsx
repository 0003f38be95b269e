import { countsText, limitsText, measureWords } from './measure-words.ts';
import { IntervalPlot, mostOf, rateText } from './plots.tsx';
import type { Rate } from './read-report.ts';

interface RateTableProps {
  caption: string;
  head: string;
  rates: readonly Rate[];
  isProportion: boolean;
}

/** Rates below each other: drawn, in words, of how many, and within which limits. */
export function RateTable({ caption, head, rates, isProportion }: RateTableProps) {
  const most = mostOf(rates, isProportion);
  return (
    <table className="rates">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">{measureWords.rate}</th>
          <th scope="col">{measureWords.limits}</th>
          <th scope="col">{measureWords.counted}</th>
        </tr>
      </thead>
      <tbody>
        {rates.map((rate) => (
          <tr key={rate.label}>
            <th scope="row">{rate.label}</th>
            <td>
              <strong>{rateText(rate, isProportion)}</strong>
              {rate.isSmall && <span className="few-note"> {measureWords.small}</span>}
              <IntervalPlot rate={rate} most={most} />
            </td>
            <td>{limitsText(rate, isProportion)}</td>
            <td>{countsText(rate)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
