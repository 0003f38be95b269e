import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Sql, Tx } from '../../store/types.ts';
import type { Translation } from '../translate.ts';
import type { TranslationTask } from '../translate-main.ts';
import { createBoundedProcess } from './bounded-process.ts';

/** Has CQL translated, never in the process that answers requests. */
export interface Translations {
  /**
   * The ELM of a text, or its problems. What was translated before, here or by another server, is not translated again. Error `unprocessable`:
   * the translator took too long or too much memory.
   */
  translate(task: TranslationTask, sql: Sql): Promise<Result<Translation>>;
  close(): Promise<void>;
}

/**
 * One text at a time: a translation takes a core for seconds. The process ends when nobody has asked for a while, and when a text takes
 * longer than `withinMs`.
 */
export function createTranslations(withinMs: number = limits.measures.translateMs): Translations {
  const version = translatorVersion();
  /** By source hash, the latest last. Also of texts with problems: a refused bundle is often sent again. */
  const known = new Map<string, Translation>();
  const translator = createTranslator(withinMs);
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
        .update(JSON.stringify([version, task.cql, task.libraries, (task.models ?? []).map(({ hash: of }) => of)]))
        .digest('hex');
      const before = known.get(hash);
      if (before) return ok(before);
      const [row] = await sql.query<{ elm: string }>('SELECT elm FROM measure_translation WHERE source_hash = $1', [
        hash,
      ]);
      if (row) return keep(hash, { elm: JSON.parse(row.elm), problems: [] });
      const next = turn.then(() => translator.run(task));
      turn = next;
      const translated = await next;
      if (!translated.ok) return translated;
      if (isTx(sql) && !hasErrors(translated.value)) {
        sql.atEnd(insertText, [hash, JSON.stringify(translated.value.elm)]);
        sql.atEnd(trimText, [limits.measures.translationsStored]);
      }
      return keep(hash, translated.value);
    },
    close: () => translator.end(),
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

const tooMuch =
  'The CQL could not be translated: it takes more time or memory than there is, or is no CQL. Send its ELM.';

function createTranslator(withinMs: number) {
  const { translatorMb, translatorIdleMs } = limits.measures;
  const bounded = createBoundedProcess({
    file: new URL('../translate-main.ts', import.meta.url),
    ...{ megabytes: translatorMb, idleMs: translatorIdleMs },
  });
  return {
    end: () => bounded.end(),
    async run(task: TranslationTask): Promise<Result<Translation>> {
      // What comes from there is what translate-main.ts sends. Nothing of the text is told when nothing comes: it may be anything.
      const translation = (await bounded.ask(task, withinMs)) as Translation | undefined;
      if (translation) return ok(translation);
      return fail('unprocessable', tooMuch, { code: 'too-costly' });
    },
  };
}
