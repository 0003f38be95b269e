import type { Definitions } from './definitions.ts';

/**
 * Whether a resource type has an element: `name`, `name.family`, `Patient.name.family`, `value` (any type of a choice). What goes below
 * a primitive, or into a contained resource, is no element of the type.
 */
export function hasElement({ schema }: Pick<Definitions, 'schema'>, type: string, path: string): boolean {
  const shapes = schema();
  const [first, ...rest] = path.split('.');
  let inside = [shapes.resource(type)];
  for (const name of first === type && rest.length > 0 ? rest : [first, ...rest]) {
    const fields = inside.flatMap((shape) =>
      [...(shape?.fields ?? [])].filter(([property, { element }]) => property === name || element === name),
    );
    if (fields.length === 0) return false;
    inside = fields.map(([, field]) => (field.inside === undefined ? undefined : shapes.shape(field.inside)));
  }
  return true;
}
