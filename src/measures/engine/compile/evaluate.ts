import { fail, ok, type Result } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import type { Evaluation, Explanation } from '../contract.ts';
import { explanationOf } from '../explain.ts';
import { FhirElement } from '../model/element.ts';
import { isObject } from '../model/json.ts';
import type { SharedValues, SliceView } from '../model/slice-view.ts';
import { CqlFault } from '../values/fault.ts';
import type { Value } from '../values/types.ts';
import { Follow } from './follow.ts';
import type { Definition, FunctionDefinition, Library } from './libraries.ts';
import type { CompiledProgram } from './program.ts';
import { Trace } from './trace.ts';
import type { Compiled, Frame, Moment } from './types.ts';

/** What an evaluation needs besides the child. */
export interface EvaluationOptions {
  main: Library;
  program: CompiledProgram;
  /** Code of the main library's definitions. */
  entries: ReadonlyMap<string, Compiled>;
  /** The same logic, traced. Compiled when it is first asked for. */
  traced: () => CompiledProgram;
  definitionSlots: number;
  parameters: readonly (Value | undefined)[];
  view: SliceView;
  /** See `Run`. */
  shared: SharedValues;
  sharedNow: SharedValues;
  moment: Moment;
}

/** One child at one moment. A fault in one definition leaves the others as they are. */
export function createEvaluation(options: EvaluationOptions): Evaluation {
  const frame = newFrame(options, undefined);
  return evaluationIn(options, () => frame);
}

/** One child, from one moment to the next. */
export function followEvaluation(
  options: EvaluationOptions,
  momentAt: (now: Date) => Moment,
): { evaluation: Evaluation; moveTo(now: Date): boolean } {
  let frame = newFrame(options, undefined);
  const follow = new Follow(frame);
  frame.run.follow = follow;
  return {
    evaluation: evaluationIn(options, () => frame),
    moveTo(now) {
      frame = { ...frame, moment: momentAt(now) };
      frame.run.steps = limits.measures.rowsLooked;
      frame.run.deadline = 0;
      return follow.moveTo(frame);
    },
  };
}

function evaluationIn(options: EvaluationOptions, current: () => Frame): Evaluation {
  const { main, program, view } = options;
  const patients = view.all('Patient').length;
  const onePatient = patients === 1 ? undefined : fail('invalid', 'A measure is evaluated for exactly one Patient.');

  const attempt = (code: Compiled, again: (traced: CompiledProgram) => Compiled, name: string): Result<Value> => {
    if (onePatient) return onePatient;
    const frame = current();
    try {
      return ok(code(frame));
    } catch (fault) {
      // What ran out of steps would take many times as long traced.
      if (frame.run.steps < 0) return told(fault, main.id, name, '', 'too-costly');
      return faultOf(fault, name, { ...options, moment: frame.moment }, again);
    }
  };

  return {
    value(name) {
      const code = options.entries.get(name);
      const definition = main.definitions.get(name);
      if (!code || !definition) return unknown(main, 'definition', name);
      return attempt(code, (traced) => traced.entry(definition), name);
    },
    apply(name, args) {
      const fn = main.functions.get(name)?.find(({ operands }) => operands.length === args.length);
      if (!fn) return unknown(main, 'function', name);
      return attempt(callWith(program, fn, args), (traced) => callWith(traced, fn, args), name);
    },
    explain(names) {
      if (onePatient) return onePatient;
      const explanations: Explanation[] = [];
      for (const name of names) {
        const definition = main.definitions.get(name);
        if (!definition) return unknown(main, 'definition', name);
        explanations.push(explainDefinition(definition, options));
      }
      return ok(explanations);
    },
    referenceOf: recordReference,
  };
}

function newFrame(
  { definitionSlots, parameters, view, shared, sharedNow, moment }: EvaluationOptions,
  trace: Trace | undefined,
): Frame {
  return {
    moment,
    locals: [],
    run: {
      definitions: new Array(definitionSlots),
      shared,
      sharedNow,
      parameters: [...parameters],
      memos: [],
      view,
      follow: undefined,
      trace,
      steps: limits.measures.rowsLooked,
      deadline: 0,
    },
  };
}

function callWith(program: CompiledProgram, fn: FunctionDefinition, args: readonly Value[]): Compiled {
  const body = program.entryBody(fn);
  return ({ moment, run }) => {
    const locals = new Array<Value | undefined>(Math.max(body.size, args.length)).fill(undefined);
    args.forEach((value, n) => {
      locals[n] = value;
    });
    return body.run({ moment, run, locals });
  };
}

/** Each definition by itself, so that what one of them shares with another is shown under both. */
function explainDefinition(definition: Definition, options: EvaluationOptions): Explanation {
  const trace = new Trace();
  try {
    options.traced().entry(definition)(newFrame(options, trace));
  } catch {
    // The trace says where.
  }
  const [entry = trace.root] = trace.root.parts.values();
  return explanationOf(entry, recordReference);
}

/** Where the fault arose: found by doing the same once more with traced code, so that the fast code need not keep account. */
function faultOf(
  fault: unknown,
  name: string,
  options: EvaluationOptions,
  again: (traced: CompiledProgram) => Compiled,
): Result<never> {
  const trace = new Trace();
  try {
    again(options.traced())(newFrame(options, trace));
  } catch {
    // It was to be expected.
  }
  const { main } = options;
  const point = trace.faultAt;
  const library = point?.place.library ?? main.id;
  const expression = point?.place.expression ?? name;
  return told(fault, library, expression, point?.locator ? ` (CQL ${point.locator})` : '');
}

function told(fault: unknown, library: string, expression: string, where: string, code = 'processing'): Result<never> {
  const reason = fault instanceof CqlFault ? fault.message : 'It could not be evaluated.';
  const text = `Library ${library}, expression "${expression}"${where}: ${reason}`;
  return fail('unprocessable', text, { code, cause: fault });
}

function unknown(main: Library, what: string, name: string): Result<never> {
  return fail('invalid', `Library ${main.id} has no ${what} "${name}".`);
}

function recordReference(value: Value): string | undefined {
  if (!(value instanceof FhirElement) || value.resource !== value) return undefined;
  const { json, type } = value;
  return isObject(json) && typeof json.id === 'string' ? `${type.name}/${json.id}` : undefined;
}
