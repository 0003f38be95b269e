import { createEvaluationProcess, type EvaluationProcess, type ProcessLimits } from './evaluation-process.ts';

/**
 * Several evaluation processes as one: a task waits until any of them is free, in the order in which tasks came. A measure is loaded where it is asked for. Of
 * those that are free it is always the first, so that the others begin only when they are needed, and end when they are not.
 */
export function createEvaluationProcesses(
  structuresDir: string,
  within: ProcessLimits,
  count: number,
): EvaluationProcess {
  const processes = Array.from({ length: Math.max(1, count) }, () => createEvaluationProcess(structuresDir, within));
  const free = new Set(processes);
  const waiting: ((process: EvaluationProcess) => void)[] = [];
  const taken = async <T>(work: (process: EvaluationProcess) => Promise<T>): Promise<T> => {
    let mine = processes.find((each) => free.delete(each));
    mine ??= await new Promise<EvaluationProcess>((resolve) => waiting.push(resolve));
    try {
      return await work(mine);
    } finally {
      const next = waiting.shift();
      if (next) next(mine);
      else free.add(mine);
    }
  };
  return {
    load: (loadable) => taken((process) => process.load(loadable)),
    ask: (loadable, task, isResting) => taken((process) => process.ask(loadable, task, isResting)),
    async close() {
      await Promise.all(processes.map((each) => each.close()));
    },
  };
}
