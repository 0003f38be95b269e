import { parentPort, workerData } from 'node:worker_threads';
import { limits } from '../../../src/base/limits.ts';
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
const batch = limits.measures.subjectsPerBatch;
for (let number = from; number < below; number += step * batch) {
  const started = performance.now();
  const children: string[][] = [];
  for (let at = number; at < Math.min(below, number + step * batch); at += step)
    children.push(generateChild(at, lists).map((resource) => JSON.stringify(resource)));
  const generated = performance.now();
  const slices = children.map((texts) => createSlice(texts.map((text) => JSON.parse(text) as Resource)));
  // Measure by measure, as the server does it.
  for (const { name, answer } of measures) {
    for (const slice of slices) {
      const found = answer?.(slice, at);
      if (found?.ok !== true) part.failed += 1;
      else {
        const key = `${name} ${keptAnswer(found.value).key}`;
        sums.set(key, (sums.get(key) ?? 0) + 1);
      }
    }
  }
  part.generateMs += generated - started;
  part.evaluateMs += performance.now() - generated;
  part.children += children.length;
  part.resources += children.reduce((sum, texts) => sum + texts.length, 0);
  if (part.children % 5000 === 0) parentPort?.postMessage({ progress: part.children });
}
part.answers = sums.size;
parentPort?.postMessage(part);
