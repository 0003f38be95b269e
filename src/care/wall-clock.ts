interface Wall {
  /** `YYYY-MM-DD` */
  date: string;
  /** `HH:MM:SS` */
  time: string;
  /** 0: Sunday. */
  day: number;
}

/** What calendar and clock there show at an instant. */
export function wallClock(at: Date, zone: string): Wall {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    ...({
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const),
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const of = (...names: Intl.DateTimeFormatPartTypes[]) => names.map((name) => parts.get(name) ?? '');
  const date = of('year', 'month', 'day').join('-');
  return { date, time: of('hour', 'minute', 'second').join(':'), day: new Date(`${date}T00:00:00Z`).getUTCDay() };
}

/** When calendar and clock of the zone show this, the first time where they do twice; in an hour that is skipped, as long after it as it says. */
export function instantOf(date: string, time: string, zone: string): Date {
  const wanted = Date.parse(`${date}T${time}Z`);
  const offsetAt = (instant: number) => {
    const shown = wallClock(new Date(instant), zone);
    return Date.parse(`${shown.date}T${shown.time}Z`) - instant;
  };
  // By the zone's offset at about that time, or at the instant it leads to: clocks may be set in between.
  const first = wanted - offsetAt(wanted);
  const second = wanted - offsetAt(first);
  const [early, late] = first < second ? [first, second] : [second, first];
  return new Date(early + offsetAt(early) === wanted ? early : late);
}
