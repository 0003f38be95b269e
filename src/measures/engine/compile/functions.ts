import { limits } from '../../../base/limits.ts';
import { fhirHelpers } from '../model/fhir-helpers.ts';
import { typeTestIn } from '../operators/type-tests.ts';
import { CqlFault } from '../values/fault.ts';
import type { Value } from '../values/types.ts';
import { isSame, rememberedCall } from './calls.ts';
import { constantValue, fold } from './constant.ts';
import { nodesOf, textOf } from './elm.ts';
import { type FunctionDefinition, helpersId } from './libraries.ts';
import { targetLibrary } from './references.ts';
import { Refusal } from './refusal.ts';
import { spend } from './run.ts';
import { type FunctionBody, type NodeCompiler, newSlot, type Site } from './site.ts';
import { specifierText } from './specifier.ts';
import type { Compiled, ElmNode } from './types.ts';

/** A call of a function: one of FHIRHelpers, known natively, or one that a library defines. */
export const functionRef: NodeCompiler = (node, site) => {
  const library = targetLibrary(node, site);
  const name = textOf(node, 'name') ?? '';
  const operands = nodesOf(node, 'operand').map((operand) => site.compile(operand, site));
  const [only] = operands;
  const helper = library.id === helpersId && Object.hasOwn(fhirHelpers, name) ? fhirHelpers[name] : undefined;
  if (helper && only && operands.length === 1) {
    const { units } = site.around;
    const code: Compiled = (frame) => helper(only(frame), units);
    return constantValue(only) === undefined ? code : fold(code);
  }
  const overloads = (library.functions.get(name) ?? []).filter((fn) => fn.operands.length === operands.length);
  if (overloads.length === 0)
    throw new Refusal(
      `FunctionRef "${name}" with ${operands.length} operands leads to no function of ${library.id}.`,
      site.place,
      node.locator,
    );
  const [first] = overloads;
  const chosen = overloads.length === 1 ? first : bySignature(overloads, node);
  if (!chosen) return dispatch(overloads, operands, site);
  const body = site.program.body(chosen, site);
  const shelf = body.isCompiled && operands.length > 0 ? site.program.shelf(chosen) : undefined;
  const isWorth = shelf && nodesOf(node, 'operand').every((operand) => isSame(operand, site));
  return isWorth ? rememberedCall(body, operands, shelf) : call(body, operands);
};

/**
 * Without a signature in ELM the values decide: the first overload whose operands can take them, null for none. A value of null can be
 * of any type.
 */
function dispatch(overloads: readonly FunctionDefinition[], operands: readonly Compiled[], site: Site): Compiled {
  const candidates = overloads.map((fn) => {
    const tests = fn.operands.map(({ type }) =>
      type ? typeTestIn({ type: 'FunctionRef', asTypeSpecifier: type }, 'as', site.around, true) : () => true,
    );
    const slots = operands.map(() => newSlot(site));
    const args = slots.map(
      (slot): Compiled =>
        ({ locals }) =>
          locals[slot] ?? null,
    );
    return { tests, slots, run: call(site.program.body(fn, site), args) };
  });
  return (frame) => {
    const values = operands.map((operand) => operand(frame));
    for (const { tests, slots, run } of candidates) {
      if (!tests.every((test, n) => values[n] === null || test(values[n] ?? null))) continue;
      slots.forEach((slot, n) => {
        frame.locals[slot] = values[n];
      });
      return run(frame);
    }
    return null;
  };
}

function bySignature(overloads: readonly FunctionDefinition[], node: ElmNode): FunctionDefinition | undefined {
  const signature = nodesOf(node, 'signature').map(specifierText).join();
  return overloads.find(({ operands }) => operands.map(({ type }) => type && specifierText(type)).join() === signature);
}

/**
 * Each call has locals of its own, its operands first. Only a call from within the function itself can go too deep; but a chain of functions of
 * which each calls the one before twice takes exponential time without any such call, so every call is a step.
 */
function call(body: FunctionBody, operands: readonly Compiled[]): Compiled {
  const [only] = operands;
  const plain: Compiled =
    only && operands.length === 1
      ? (frame) => {
          spend(frame.run);
          const locals = new Array<Value | undefined>(body.size);
          locals[0] = only(frame);
          return body.run({ moment: frame.moment, run: frame.run, locals });
        }
      : (frame) => {
          spend(frame.run);
          const locals = new Array<Value | undefined>(body.size);
          for (let n = 0; n < operands.length; n++) locals[n] = operands[n]?.(frame) ?? null;
          return body.run({ moment: frame.moment, run: frame.run, locals });
        };
  return body.isCompiled ? plain : counted(plain);
}

function counted(code: Compiled): Compiled {
  const bound = limits.measures.callDepth;
  let depth = 0;
  return (frame) => {
    if (depth >= bound) throw new CqlFault('A function calls itself too often.');
    depth++;
    try {
      return code(frame);
    } finally {
      depth--;
    }
  };
}
