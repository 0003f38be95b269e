import type { Clock } from '../../base/clock.ts';
import type { Result } from '../../base/errors.ts';
import type { OperationRequest } from '../../module.ts';
import type { Currency } from '../currency/currency.ts';
import type { ReportContext } from '../report/measure-report.ts';
import type { Period, ReadyMeasure } from '../types.ts';

/** What every operation of this folder is given besides its request. */
export interface MeasureRoom {
  /** Those that can run now. */
  measures(): readonly ReadyMeasure[];
  /** See the registry. */
  find(asked: string): Result<ReadyMeasure>;
  currency: Currency;
  clock: Clock;
  /** IANA name of the reporter's time zone. */
  zone: string;
  /** Name of the organization that reports. */
  reporter: string;
  /** The least count that the privacy policy lets be told of a population; undefined while no policy is in force. */
  minimumCell(): Promise<number | undefined>;
}

/** One request to one of them. */
export interface Asked {
  room: MeasureRoom;
  request: OperationRequest;
}

export function reportContext(
  { clock, zone, reporter }: MeasureRoom,
  measure: ReadyMeasure,
  period: Period,
): ReportContext {
  return { measure, period, now: clock.now(), zone, reporter };
}
