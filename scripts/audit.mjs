/**
 * What is known against the locked versions that the server runs with: CI ends where something of them is known to be highly dangerous. A registry
 * that does not answer (no network, a mirror without that door) stops nobody, and it is said that nothing was asked.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What `npm audit --json` has printed means for CI. */
export function verdictOf(printed) {
  const counts = countsIn(printed);
  if (!counts) return { passes: true, says: 'Audit: the registry was not asked or did not answer; nothing is known.' };
  const grave = (counts.high ?? 0) + (counts.critical ?? 0);
  if (grave === 0) return { passes: true, says: 'Audit: nothing grave is known against the locked dependencies.' };
  return {
    passes: false,
    says: `Audit: ${grave} of the locked dependencies are known to be dangerous; npm audit names them.`,
  };
}

function countsIn(printed) {
  try {
    return JSON.parse(printed)?.metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = spawnSync('npm', ['audit', '--omit=dev', '--json', '--loglevel=silent'], {
    encoding: 'utf8',
    timeout: 60_000,
    // A report that is cut off could not be read: much that is known would pass as nothing.
    maxBuffer: 64 * 1024 * 1024,
  });
  const { passes, says } = verdictOf(asked.stdout ?? '');
  process.stdout.write(`${says}\n`);
  process.exitCode = passes ? 0 : 1;
}
