import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc/<pid>/stat a second on Linux. */
const ticks = 100;

/** Processor time a process has used, in microseconds; 0 where there is no /proc. */
export function cpuMicros(pid: number): number {
  const fields = statOf(pid);
  return fields ? ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticks : 0;
}

/** The same for a PostgreSQL: its postmaster, the processes it has now, and those that have ended. */
export function databaseCpuMicros(postmaster: number): number {
  const own = statOf(postmaster);
  const ended = own ? ((Number(own[13]) + Number(own[14])) * 1_000_000) / ticks : 0;
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && Number(statOf(Number(name))?.[1]) === postmaster,
  );
  return children.reduce((sum, pid) => sum + cpuMicros(Number(pid)), cpuMicros(postmaster) + ended);
}

/** Processor time so far, of all processors: what ran, idle too, and what the machine's host gave to others. Source: proc(5), /proc/stat. */
export function hostTicks(): { all: number; stolen: number } {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const fields = line.split(/\s+/).slice(1, 9).map(Number);
    return { all: fields.reduce((sum, each) => sum + each, 0), stolen: fields[7] ?? 0 };
  } catch {
    return { all: 0, stolen: 0 };
  }
}

/** What follows the command name: state, parent … Source: proc(5). */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
