/** Work on an input of a size, its input made beforehand. */
export type Sized = (size: number) => () => unknown;

/** Below this there is nothing to compare, in ms of processor time of this thread. */
const nextToNothing = 20;

function cpuMs(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/**
 * How many times longer the work takes when its input is four times as long: about 4 when it grows with the length, 16 and more when
 * everything is tried with everything. The least of several tries of each, in processor time of this thread, in turns, so that a
 * slow or a busy machine changes nothing; 1 when the long input takes next to nothing.
 */
export function growth(prepare: Sized, size: number): number {
  const [long, short] = [prepare(size), prepare(Math.ceil(size / 4))];
  let [most, least] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let tries = 0; tries < 20; tries += 1) {
    most = Math.min(most, cpuMs(long));
    if (most < nextToNothing) return 1;
    least = Math.min(least, cpuMs(short));
    if (tries >= 2 && most / least < tooFast) break;
  }
  return most / least;
}

/** Growth from here on is no longer that of the length. */
export const tooFast = 9;
