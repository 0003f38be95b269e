import { describe, expect, test } from '@jest/globals';
import { createSteadyClock } from '../../src/base/clock.ts';

describe('the clock of a server', () => {
  const start = () => {
    const machine = { wall: 1_000_000, elapsed: 50 };
    const clock = createSteadyClock(
      () => machine.wall,
      () => machine.elapsed,
    );
    const pass = (milliseconds: number) => {
      machine.wall += milliseconds;
      machine.elapsed += milliseconds;
    };
    return { machine, pass, now: () => clock.now().getTime() };
  };

  test('TH-65 set back, by a second or a year, it goes on from where it was and at the same pace', () => {
    for (const back of [1000, 365 * 24 * 3_600_000]) {
      const { machine, pass, now } = start();
      pass(5000);
      expect(now()).toBe(1_005_000);
      machine.wall -= back;
      expect(now()).toBe(1_005_000);
      pass(300);
      expect(now()).toBe(1_005_300);
      // Set right again, it is the machine's.
      machine.wall += back + 700;
      expect(now()).toBe(1_006_000);
    }
  });

  test('TH-65 set forward, or asleep, it follows the machine: what has an end ends', () => {
    const { machine, pass, now } = start();
    machine.wall += 3_600_000;
    expect(now()).toBe(4_600_000);
    pass(10);
    expect(now()).toBe(4_600_010);
  });
});
