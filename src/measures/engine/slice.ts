import type { Resource } from '../../fhir/types.ts';
import type { FhirModel } from './model/fhir-model.ts';
import { SliceView } from './model/slice-view.ts';
import type { Zone } from './model/zone.ts';

/**
 * One child's resources, made ready once for all measures: what is parsed of them stays with it, so it is not to be kept longer
 * than the work on that child.
 */
export interface Slice {
  readonly resources: readonly Resource[];
  /** The resources as CQL sees them, with times without an offset taken in a zone. For the engine. */
  view(model: FhirModel, zone: Zone): SliceView;
}

/** `resources`: one Patient and what belongs to that child, in any order. They are not changed and must not change. */
export function createSlice(resources: readonly Resource[]): Slice {
  // Mostly one zone, and hardly ever more than two.
  let last: SliceView | undefined;
  let others: Map<string, SliceView> | undefined;
  return {
    resources,
    view(model, zone) {
      if (last?.model === model && last.moment.zone === zone.zone) return last;
      const known = others?.get(zone.zone);
      if (last) {
        others ??= new Map();
        others.set(last.moment.zone, last);
      }
      last = known?.model === model ? known : new SliceView(model, zone, resources);
      return last;
    },
  };
}
