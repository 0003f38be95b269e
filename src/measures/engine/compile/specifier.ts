import { nodeOf, nodesOf, textOf } from './elm.ts';
import type { ElmNode } from './types.ts';

/** A type specifier as text, the same for the same type: `List<{http://hl7.org/fhir}Encounter>`. */
export function specifierText(type: ElmNode): string {
  const inner = (property: string): string => {
    const node = nodeOf(type, property);
    return node ? specifierText(node) : '?';
  };
  switch (type.type) {
    case 'ListTypeSpecifier':
      return `List<${inner('elementType')}>`;
    case 'IntervalTypeSpecifier':
      return `Interval<${inner('pointType')}>`;
    case 'ChoiceTypeSpecifier':
      return `Choice<${nodesOf(type, 'choice').map(specifierText).sort().join()}>`;
    case 'TupleTypeSpecifier':
      return `Tuple{${nodesOf(type, 'element')
        .map((element) => `${textOf(element, 'name')}:${elementText(element)}`)
        .sort()
        .join()}}`;
    default:
      return textOf(type, 'name') ?? '?';
  }
}

function elementText(element: ElmNode): string {
  const type = nodeOf(element, 'elementType') ?? nodeOf(element, 'type');
  return type ? specifierText(type) : '?';
}
