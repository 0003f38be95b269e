import { limits } from '../../../base/limits.ts';
import { fhirHelpers } from '../model/fhir-helpers.ts';
import { CqlFault } from '../values/fault.ts';
import { constantValue, fold } from './constant.ts';
import { nodesOf, textOf } from './elm.ts';
import { type FunctionDefinition, helpersId } from './libraries.ts';
import { targetLibrary } from './references.ts';
import { Refusal } from './refusal.ts';
import type { FunctionBody, NodeCompiler } from './site.ts';
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
  if (first && overloads.length === 1) return call(site.program.body(first, site), operands);
  const chosen = bySignature(overloads, node);
  if (!chosen)
    throw new Refusal(
      `FunctionRef "${name}" could be any of ${overloads.length} functions of ${library.id}, and has no signature.`,
      site.place,
      node.locator,
    );
  return call(site.program.body(chosen, site), operands);
};

function bySignature(overloads: readonly FunctionDefinition[], node: ElmNode): FunctionDefinition | undefined {
  const signature = nodesOf(node, 'signature').map(specifierText).join();
  return overloads.find(({ operands }) => operands.map(({ type }) => type && specifierText(type)).join() === signature);
}

/** Each call has locals of its own, its operands first. */
function call(body: FunctionBody, operands: readonly Compiled[]): Compiled {
  const bound = limits.measures.callDepth;
  let depth = 0;
  return (frame) => {
    const locals = new Array(body.size);
    for (let n = 0; n < operands.length; n++) locals[n] = operands[n]?.(frame) ?? null;
    if (depth >= bound) throw new CqlFault('A function calls itself too often.');
    depth++;
    try {
      return body.run({ moment: frame.moment, run: frame.run, locals });
    } finally {
      depth--;
    }
  };
}
