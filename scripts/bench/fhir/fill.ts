import { puttingBundle } from '../mix/bundle.ts';
import { chartOf, shared } from '../mix/chart.ts';
import { children } from './kinds.ts';

/** Two charts a transaction: 100 entries. */
const chartsPerBundle = 2;

/** Writes the children of the benchmark over HTTP, four bundles at a time, and waits until the jobs that followed are done. */
export async function fill(url: string, token: () => Promise<string>): Promise<Record<string, number>> {
  const started = performance.now();
  const headers = { Authorization: `Bearer ${await token()}`, 'Content-Type': 'application/fhir+json' };
  await post(url, headers, puttingBundle(shared()));
  let next = 0;
  const writer = async () => {
    while (next < children) {
      const from = next;
      next += chartsPerBundle;
      const charts = Array.from({ length: chartsPerBundle }, (_, at) => chartOf(from + at));
      await post(url, headers, puttingBundle(charts.flat()));
    }
  };
  await Promise.all([writer(), writer(), writer(), writer()]);
  const ms = performance.now() - started;
  await settled(url);
  const resources = children * 50 + shared().length;
  return { children, resources, ms: Math.round(ms), resourcesPerSecond: Math.round((resources / ms) * 1000) };
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<void> {
  const answer = await fetch(`${url}/fhir`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`a bundle was refused: ${answer.status} ${text.slice(0, 500)}`);
}

/** Waits until no job is ready or running, at most two minutes: what the writes set off must not run into the loads. */
async function settled(url: string): Promise<void> {
  const end = performance.now() + 120_000;
  while (performance.now() < end) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const waiting = [...metrics.matchAll(/^careweave_jobs\{[^}]*state="(?:ready|running)"[^}]*\} (\d+)/gm)];
    if (waiting.every(([, count]) => count === '0')) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
