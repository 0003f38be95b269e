import type { Issue } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Validate } from '../../fhir/validate.ts';
import type { Reader } from '../../store/types.ts';
import type { Libraries } from '../library.ts';
import { answer, lookUpsOf } from './answers.ts';
import { createGeneration, type Generation } from './generation.ts';
import { type Memory, noAnswers, type Question } from './memory.ts';

/**
 * Checks a resource against FHIR R4, the profiles it claims and those `profiles` asks for, with the profiles, value sets and code
 * systems that are here now. Issues with `severity: 'warning'` or `'information'` do not make it invalid. `reader`: the
 * transaction within one, else the store.
 */
export type Check = (
  resource: Resource,
  asked: { reader: Reader; profiles?: readonly string[] },
) => Issue[] | Promise<Issue[]>;

/** Makes the check over a validator that asks `memory`. */
export function createCheck(
  validate: Validate,
  memory: Memory,
  libraries: Pick<Libraries, 'libraryOf' | 'profile'>,
): { check: Check; generation: Generation } {
  let shared = noAnswers();
  const generation = createGeneration(() => {
    shared = noAnswers();
  });
  const check: Check = async (resource, { reader, profiles }) => {
    const isChanging = generation.isChanging(reader);
    if (!isChanging) await generation.look(reader);
    // What is remembered for all must not come from a transaction that may be undone.
    let answers = isChanging ? noAnswers() : shared;
    for (let round = 1; ; round += 1) {
      const { result, open } = memory.collect(answers, () => validate(resource, profiles ? { profiles } : {}));
      // Each round opens what the one before could not see; a profile derives from another some rounds deep.
      if (open.length === 0 || round === limits.terminology.validationRounds) return result;
      if (lookUpsOf(open) > limits.terminology.lookedUp) return [tooMuch(resource)];
      // Nor is what takes much room.
      if (open.some(isLong)) answers = { profiles: new Map(answers.profiles), codes: new Map(answers.codes) };
      await answer(open, answers, reader, libraries);
    }
  };
  return { check, generation };
}

function tooMuch({ resourceType }: Resource): Issue {
  const { lookedUp } = limits.terminology;
  const text = `The resource has profiles, extensions and code systems that are not known yet: ${lookedUp} are looked up at a time.`;
  return { code: 'too-costly', text, expression: [resourceType] };
}

function isLong(question: Question): boolean {
  const length =
    question.kind === 'profile'
      ? question.canonical.length
      : question.valueSet.length + (question.system?.length ?? 0) + question.code.length;
  return length > limits.terminology.rememberedLength;
}
