/** Walks pages one after the other: page N is to be as fast as page 1. Times in milliseconds of page 1 and of the last hundred. */
export async function deepPages(
  url: string,
  token: () => Promise<string>,
  pages: number,
): Promise<{ walk: string; page1Ms: number; medianOfLastMs: number; pages: number }[]> {
  const walks = [
    'Observation?_count=20',
    'Observation?_sort=-date&_count=20',
    'Observation?code=8302-2&_sort=date&_count=20',
  ];
  const walked = [];
  for (const walk of walks) {
    const headers = { Authorization: `Bearer ${await token()}` };
    const times: number[] = [];
    let next: string | undefined = `${url}/fhir/${walk}`;
    while (next !== undefined && times.length < pages) {
      const started = performance.now();
      const answer = await fetch(next, { headers });
      const bundle: { link?: { relation: string; url: string }[] } = await answer.json();
      times.push(performance.now() - started);
      next = bundle.link?.find(({ relation }) => relation === 'next')?.url;
    }
    const last = times.slice(-Math.ceil(times.length / 2)).sort((a, b) => a - b);
    const round = (ms = 0) => Number(ms.toFixed(1));
    walked.push({
      walk,
      page1Ms: round(times[0]),
      medianOfLastMs: round(last[Math.floor(last.length / 2)]),
      pages: times.length,
    });
  }
  return walked;
}
