import { type ChildProcess, fork } from 'node:child_process';

/** A process for what users have posted: one question at a time, each within a time. */
export interface BoundedProcess {
  /** Undefined when there was no answer, in time or at all: the process was ended then, and the next question begins a new one. */
  ask(question: object, withinMs: number): Promise<unknown>;
  end(): Promise<void>;
}

export interface BoundedProcessOptions {
  /** The module to run: it answers each message with one. */
  file: URL;
  args?: readonly string[];
  megabytes: number;
  /** Ends when nobody has asked for so long. */
  idleMs: number;
  /** Told when it has ended, for whatever reason. */
  ended?: () => void;
}

/**
 * It knows nothing of this server but its arguments: no environment, no output. A thread would do for time, but one that runs out of memory may
 * take the whole server with it.
 */
export function createBoundedProcess(options: BoundedProcessOptions): BoundedProcess {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  const end = async () => {
    clearTimeout(idle);
    const ending = child;
    child = undefined;
    options.ended?.();
    await killed(ending);
  };
  return {
    end,
    async ask(question, withinMs) {
      clearTimeout(idle);
      child ??= begin(options);
      const answer = await askOnce(child, question, withinMs);
      if (answer === undefined) await end();
      else {
        idle = setTimeout(() => void end(), options.idleMs);
        idle.unref();
      }
      return answer;
    },
  };
}

function begin({ file, args = [], megabytes }: BoundedProcessOptions): ChildProcess {
  const made = fork(file, [...args], {
    env: {},
    execArgv: [`--max-old-space-size=${megabytes}`, '--no-warnings'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  made.unref();
  made.channel?.unref();
  return made;
}

function killed(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** While it is awaited, the process that asks is kept from ending. */
function askOnce(child: ChildProcess, question: object, withinMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const settle = (answer: unknown) => {
      clearTimeout(timer);
      child.off('message', settle).off('error', broken).off('exit', broken);
      child.channel?.unref();
      resolve(answer);
    };
    const broken = () => settle(undefined);
    const timer = setTimeout(broken, withinMs);
    child.on('message', settle).on('error', broken).on('exit', broken);
    child.channel?.ref();
    if (!child.connected) broken();
    else child.send(question, (error) => error && broken());
  });
}
