/** How many CarePlans a second of processor time are validated, by the base definition. Prints one number; a process of its own. */
import { join } from 'node:path';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { chartOf } from './mix/chart.ts';

const validate = createValidator(join(import.meta.dirname, '..', '..', 'build', 'fhir'));
const plans: Resource[] = Array.from({ length: 200 }, (_, n) => chartOf(n))
  .flat()
  .filter(({ resourceType }) => resourceType === 'CarePlan');

function rounds(seconds: number): number {
  const start = process.cpuUsage();
  const spent = () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000_000;
  };
  let done = 0;
  while (spent() < seconds) {
    for (const plan of plans)
      if (validate(plan).length > 0) throw new Error('a CarePlan of the benchmark is not valid');
    done += plans.length;
  }
  return done / spent();
}

rounds(1);
process.stdout.write(String(Math.round(rounds(Number(process.argv[2] ?? 3)))));
