import { wallClock } from '../emergency/first-call/hours.ts';

/** When the wall clock of the zone shows this; in an hour that is skipped, the moment after it. */
export function instantOf(date: string, time: string, zone: string): Date {
  const wanted = Date.parse(`${date}T${time}Z`);
  let at = wanted;
  // Twice: the first guess may lie on the other side of a change of clocks.
  for (let round = 0; round < 2; round += 1) {
    const shown = wallClock(new Date(at), zone);
    at += wanted - Date.parse(`${shown.date}T${shown.time}Z`);
  }
  return new Date(at);
}
