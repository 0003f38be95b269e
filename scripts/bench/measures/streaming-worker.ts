import { parentPort, workerData } from 'node:worker_threads';
import type { Resource } from '../../../src/fhir/types.ts';
import { keptAnswer } from '../../../src/measures/currency/answer.ts';
import { createSlice } from '../../../src/measures/engine/logic.ts';
import { generateChild } from './child.ts';
import { codeListsOf } from './code-lists.ts';
import { at, readyMeasures } from './ready.ts';
import type { StreamPart } from './streaming.ts';

/** One thread of streaming.ts. */
const { from, step, below } = workerData as { from: number; step: number; below: number };
const measures = await readyMeasures();
const lists = codeListsOf(measures);
const sums = new Map<string, number>();
const part: StreamPart = { children: 0, resources: 0, failed: 0, answers: 0, generateMs: 0, evaluateMs: 0 };
for (let number = from; number < below; number += step) {
  const started = performance.now();
  const texts = generateChild(number, lists).map((resource) => JSON.stringify(resource));
  const generated = performance.now();
  const slice = createSlice(texts.map((text) => JSON.parse(text) as Resource));
  for (const { name, answer } of measures) {
    const found = answer?.(slice, at);
    if (found?.ok !== true) part.failed += 1;
    else {
      const key = `${name} ${keptAnswer(found.value).key}`;
      sums.set(key, (sums.get(key) ?? 0) + 1);
    }
  }
  part.generateMs += generated - started;
  part.evaluateMs += performance.now() - generated;
  part.children += 1;
  part.resources += texts.length;
  if (part.children % 5000 === 0) parentPort?.postMessage({ progress: part.children });
}
part.answers = sums.size;
parentPort?.postMessage(part);
