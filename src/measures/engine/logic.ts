/** The contract of the engine; docs/decisions/measure-engine.md. */
export { compileLogic } from './compile/compile-logic.ts';
export type { At, Evaluation, Explanation, Logic, Need } from './contract.ts';
export { createFhirModel, type FhirModel } from './model/fhir-model.ts';
export { createSlice, type Slice } from './slice.ts';
