import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Reference {
  measure: string;
  /** Processor time a child of the reference engine, and of ours in the same run on the same children. */
  referenceMicros: number;
  ourMicros: number;
  ratio: number;
  /** Definitions a child that both were asked for. */
  definitions: number;
  /** Children whom the reference engine could not evaluate. */
  referenceErrors: number;
  children: number;
}

/** What the process is asked: these measures, by name, or all; over so many made-up children, or the vaccine child; a quarter of `budgetMs` a try. */
export interface ReferenceTask {
  only?: string;
  children: number | 'vaccine';
  budgetMs: number;
}

/** Both engines in a process of their own, which has nothing else in memory: see reference-main.ts. */
export function againstReference(task: ReferenceTask): Reference[] {
  const file = join(import.meta.dirname, 'reference-main.ts');
  const args = ['--disable-warning=ExperimentalWarning', '--expose-gc', file, JSON.stringify(task)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
}
