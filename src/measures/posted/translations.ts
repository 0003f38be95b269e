import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Sql, Tx } from '../../store/types.ts';
import type { Translation } from '../translate.ts';
import type { TranslationTask } from '../translate-worker.ts';

/** Has CQL translated, never on the thread that answers requests. */
export interface Translations {
  /**
   * The ELM of a text, or its problems. What was translated before, here or by another server, is not translated again. Error `unprocessable`:
   * the translator took too long or too much memory.
   */
  translate(task: TranslationTask, sql: Sql): Promise<Result<Translation>>;
  close(): Promise<void>;
}

/**
 * One text at a time: a translation takes a core for seconds. The thread ends when nobody has asked for a while, and when a text takes
 * longer than `withinMs`.
 */
export function createTranslations(withinMs: number = limits.measures.translateMs): Translations {
  const translator = translatorVersion();
  /** By source hash, the latest last. Also of texts with problems: a refused bundle is often sent again. */
  const known = new Map<string, Translation>();
  const thread = createThread(withinMs);
  let turn: Promise<unknown> = Promise.resolve();

  const keep = (hash: string, translation: Translation) => {
    known.set(hash, translation);
    for (const oldest of known.keys()) {
      if (known.size <= limits.measures.translationsKept) break;
      known.delete(oldest);
    }
    return ok(translation);
  };
  return {
    async translate(task, sql) {
      const hash = createHash('sha256')
        .update(JSON.stringify([translator, task]))
        .digest('hex');
      const before = known.get(hash);
      if (before) return ok(before);
      const [row] = await sql.query<{ elm: string }>('SELECT elm FROM measure_translation WHERE source_hash = $1', [
        hash,
      ]);
      if (row) return keep(hash, { elm: JSON.parse(row.elm), problems: [] });
      const next = turn.then(() => thread.run(task));
      turn = next;
      const translated = await next;
      if (!translated.ok) return translated;
      if (isTx(sql) && !hasErrors(translated.value)) {
        sql.atEnd(insertText, [hash, JSON.stringify(translated.value.elm)]);
        sql.atEnd(trimText, [limits.measures.translationsStored]);
      }
      return keep(hash, translated.value);
    },
    close: () => thread.end(),
  };
}

const insertText = 'INSERT INTO measure_translation (source_hash, elm) VALUES ($1, $2) ON CONFLICT DO NOTHING';
const trimText = `DELETE FROM measure_translation WHERE source_hash IN
  (SELECT source_hash FROM measure_translation ORDER BY made_at DESC OFFSET $1)`;

const isTx = (sql: Sql): sql is Tx => 'atEnd' in sql;

export function hasErrors({ problems }: Translation): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

/** Changes with the translator and with how we use it. */
function translatorVersion(): string {
  const cql = createRequire(import.meta.url).resolve('@cqframework/cql/cql');
  const files = ['../translate.ts', '../fhir-helpers.ts'].map((file) => new URL(file, import.meta.url));
  const texts = [cql.replace(/[^/\\]+$/, 'package.json'), ...files].map((file) => readFileSync(file, 'utf8'));
  return createHash('sha256').update(texts.join('\n')).digest('hex');
}

function createThread(withinMs: number) {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  const end = async () => {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  const open = () => {
    // Its own output is swallowed: the translator greets on standard output.
    const made = new Worker(new URL('../translate-worker.ts', import.meta.url), {
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: limits.measures.translatorMb },
    });
    made.unref();
    return made;
  };
  return {
    end,
    async run(task: TranslationTask): Promise<Result<Translation>> {
      clearTimeout(idle);
      worker ??= open();
      const answer = await ask(worker, task, withinMs);
      if (answer.ok) {
        idle = setTimeout(() => void end(), limits.measures.translatorIdleMs);
        idle.unref();
      } else await end();
      return answer;
    },
  };
}

/** Nothing of the text is told when the thread ends: it may be anything. */
function ask(worker: Worker, task: TranslationTask, withinMs: number): Promise<Result<Translation>> {
  return new Promise((resolve) => {
    const settle = (answer: Result<Translation>) => {
      clearTimeout(timer);
      worker.off('message', told).off('error', broken).off('exit', broken);
      resolve(answer);
    };
    const told = (translation: Translation) => settle(ok(translation));
    const broken = () => settle(fail('unprocessable', 'The CQL could not be translated: it is too large or not CQL.'));
    const late = () =>
      settle(fail('unprocessable', 'The CQL could not be translated in time. Send its ELM.', { code: 'too-costly' }));
    const timer = setTimeout(late, withinMs);
    worker.on('message', told).on('error', broken).on('exit', broken);
    worker.postMessage(task);
  });
}
