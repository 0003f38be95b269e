import type { Result } from '../base/errors.ts';

/** What a process has opened and lets go of at its end, last opened first. */
export interface Lifetime {
  readonly ending: boolean;
  /** Notes something that is being opened. The end waits until it is open and then closes it, so that nothing is left half open. */
  hold<T>(opening: Promise<Result<T>>, close: (opened: T) => Promise<void>): Promise<Result<T>>;
  /** Closes everything; however often it is called, once. A part that cannot be closed does not keep the others open. */
  end(): Promise<void>;
}

export function createLifetime(onFault: (fault: unknown) => void): Lifetime {
  const closers: (() => Promise<void>)[] = [];
  let ended: Promise<void> | undefined;
  const closeAll = async () => {
    for (let close = closers.pop(); close; close = closers.pop()) await close().catch(onFault);
  };
  return {
    get ending() {
      return ended !== undefined;
    },
    hold(opening, close) {
      closers.push(async () => {
        const opened = await opening.catch(() => undefined);
        if (opened?.ok) await close(opened.value);
      });
      return opening;
    },
    end() {
      ended ??= closeAll();
      return ended;
    },
  };
}
