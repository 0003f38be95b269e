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
  /** The main library's definitions and their code. */
  entries: ReadonlyMap<string, { readonly definition: Definition; readonly code: Compiled }>;
  /** The same logic, traced. Compiled when it is first asked for. */
  traced: () => CompiledProgram;
  /** Slots of the main library's definitions, which come first; of others few are kept in a run. */
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
  return new ChildEvaluation(options, newFrame(options, undefined));
}

/** One child, from one moment to the next. */
export function followEvaluation(
  options: EvaluationOptions,
  momentAt: (now: Date) => Moment,
): { evaluation: Evaluation; moveTo(now: Date): boolean } {
  const evaluation = new ChildEvaluation(options, newFrame(options, undefined));
  const follow = new Follow(evaluation.frame);
  evaluation.frame.run.follow = follow;
  return {
    evaluation,
    moveTo(now) {
      const { run, locals } = evaluation.frame;
      evaluation.frame = { moment: momentAt(now), locals, run };
      run.steps = limits.measures.rowsLooked;
      run.deadline = 0;
      return follow.moveTo(evaluation.frame);
    },
  };
}

const notOnePatient = fail('invalid', 'A measure is evaluated for exactly one Patient.');

class ChildEvaluation implements Evaluation {
  /** The moment at hand; another one when a child is followed. */
  frame: Frame;
  readonly #options: EvaluationOptions;
  readonly #isOnePatient: boolean;

  constructor(options: EvaluationOptions, frame: Frame) {
    this.frame = frame;
    this.#options = options;
    this.#isOnePatient = options.view.all('Patient').length === 1;
  }

  value(name: string): Result<Value> {
    const entry = this.#options.entries.get(name);
    if (!entry) return unknown(this.#options.main, 'definition', name);
    if (!this.#isOnePatient) return notOnePatient;
    try {
      return ok(entry.code(this.frame));
    } catch (fault) {
      return this.#fault(fault, name, (traced) => traced.entry(entry.definition));
    }
  }

  apply(name: string, args: readonly Value[]): Result<Value> {
    const { main, program } = this.#options;
    const fn = main.functions.get(name)?.find(({ operands }) => operands.length === args.length);
    if (!fn) return unknown(main, 'function', name);
    if (!this.#isOnePatient) return notOnePatient;
    try {
      return ok(callWith(program, fn, args)(this.frame));
    } catch (fault) {
      return this.#fault(fault, name, (traced) => callWith(traced, fn, args));
    }
  }

  explain(names: readonly string[]): Result<Explanation[]> {
    if (!this.#isOnePatient) return notOnePatient;
    const { main } = this.#options;
    const explanations: Explanation[] = [];
    for (const name of names) {
      const definition = main.definitions.get(name);
      if (!definition) return unknown(main, 'definition', name);
      explanations.push(explainDefinition(definition, this.#options));
    }
    return ok(explanations);
  }

  referenceOf(value: Value): string | undefined {
    return recordReference(value);
  }

  #fault(fault: unknown, name: string, again: (traced: CompiledProgram) => Compiled): Result<never> {
    const { moment, run } = this.frame;
    // What ran out of steps would take many times as long traced.
    if (run.steps < 0) return told(fault, this.#options.main.id, name, '', 'too-costly');
    return faultOf(fault, name, { ...this.#options, moment }, again);
  }
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
