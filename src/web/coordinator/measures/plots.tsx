import { measureWords, valueText } from './measure-words.ts';
import type { Rate } from './read-report.ts';

/** The drawings say nothing that the words beside them do not say: for whoever cannot see them they are not there. */

const width = 200;
const height = 20;

/** One rate on its line from 0: where it is, and where it may lie. */
export function IntervalPlot({ rate: { score, low, high, isSmall }, most }: { rate: Rate; most: number }) {
  const x = (value: number) => Math.max(0, Math.min(1, value / most)) * (width - 10) + 5;
  return (
    <svg className={isSmall ? 'interval few' : 'interval'} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <line className="axis" x1={x(0)} x2={x(most)} y1={height / 2} y2={height / 2} />
      {low !== undefined && high !== undefined && (
        <line className="limits" x1={x(low)} x2={x(high)} y1={height / 2} y2={height / 2} />
      )}
      {score !== undefined && <circle cx={x(score)} cy={height / 2} r="4.5" />}
    </svg>
  );
}

/** How far the line goes: to 100 %, or a little beyond the greatest limit. */
export function mostOf(rates: readonly Rate[], isProportion: boolean): number {
  const most = Math.max(0, ...rates.map(({ score = 0, high = 0 }) => Math.max(score, high)));
  return isProportion && most <= 1 ? 1 : most * 1.05 || 1;
}

export interface YearRate {
  year: number;
  rate: Rate | undefined;
}

const tall = 130;
/** Room for the words at the scale. */
const left = 44;
const right = 8;

/** A rate through the years; a year that has none, or does not show it, is a gap in the line. */
export function TrendPlot({ years, isProportion }: { years: readonly YearRate[]; isProportion: boolean }) {
  const most = mostOf(
    years.flatMap(({ rate }) => rate ?? []),
    isProportion,
  );
  const step = (320 - left - right) / Math.max(1, years.length);
  const x = (place: number) => left + step * (place + 0.5);
  const y = (value: number) => 100 - (value / most) * 90;
  return (
    <figure className="trend">
      <figcaption>{measureWords.trend}</figcaption>
      <svg viewBox={`0 0 320 ${tall}`} aria-hidden="true">
        <line className="axis" x1={left} x2={320 - right} y1={y(0)} y2={y(0)} />
        <line className="top-line" x1={left} x2={320 - right} y1={y(most)} y2={y(most)} />
        <text className="scale" x={left - 4} y={y(most) + 4} textAnchor="end">
          {valueText(most, {}, isProportion)}
        </text>
        {years.slice(1).map(({ year, rate }, place) => {
          const before = years[place]?.rate?.score;
          return before === undefined || rate?.score === undefined ? null : (
            <line key={year} className="path" x1={x(place)} y1={y(before)} x2={x(place + 1)} y2={y(rate.score)} />
          );
        })}
        {years.map(({ year, rate }, place) => (
          <g key={year} className={rate?.isSmall ? 'few' : undefined}>
            {rate?.low !== undefined && rate.high !== undefined && (
              <line className="limits" x1={x(place)} x2={x(place)} y1={y(rate.low)} y2={y(rate.high)} />
            )}
            {rate?.score !== undefined && <circle cx={x(place)} cy={y(rate.score)} r="4" />}
            <text x={x(place)} y={tall - 10} textAnchor="middle">
              {year}
            </text>
          </g>
        ))}
      </svg>
      <ul>
        {years.map(({ year, rate }) => (
          <li key={year}>
            {year}: {rateText(rate, isProportion)}
            {rate?.score !== undefined && rate.of !== undefined && ` ${measureWords.of(rate.of)}`}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** A rate in words, or why there is none. */
export function rateText(rate: Rate | undefined, isProportion: boolean): string {
  if (rate?.score !== undefined) return valueText(rate.score, rate, isProportion);
  return rate?.isHidden ? measureWords.hidden : measureWords.nobody;
}
