import type { r4 } from '../../fhir/types.ts';
import type { CompositeDefinition } from '../types.ts';
import { extensionNumber, extensionText } from './extension.ts';
import type { Problems } from './problems.ts';
import { compositeScorings } from './scorings.ts';

/** How the components of a composite measure become one answer. Source: CQF measures, composite measures. */
export function compositeOf(
  measure: r4.Measure,
  group: r4.MeasureGroup | undefined,
  place: string,
  problems: Problems,
): CompositeDefinition {
  const authored = [extensionText(group, 'compositeScoring'), extensionText(measure, 'compositeScoring')];
  const code = authored.find((each) => each !== undefined) ?? measure.compositeScoring?.coding?.[0]?.code;
  const scoring = compositeScorings[code ?? ''];
  if (!scoring) {
    const text = `compositeScoring has to be one of ${Object.keys(compositeScorings).join(', ')}.`;
    problems.add(code === undefined ? 'required' : 'not-supported', `${place}.compositeScoring`, text);
  }
  const components = (measure.relatedArtifact ?? [])
    .filter(({ type }) => type === 'composed-of')
    .map((artifact) => {
      const groupId = extensionText(artifact, 'groupId');
      const weight = scoring === 'weighted' ? extensionNumber(artifact, 'weight') : undefined;
      return {
        measure: artifact.resource ?? '',
        ...(groupId !== undefined && { group: groupId }),
        ...(weight !== undefined && { weight }),
      };
    });
  if (scoring === 'weighted' && components.some(({ weight = 0 }) => !(weight > 0)))
    problems.add(
      'required',
      'Measure.relatedArtifact',
      'Each component of a weighted composite measure needs a weight (cqfm-weight) above 0.',
    );
  if (components.length === 0)
    problems.add(
      'required',
      'Measure.relatedArtifact',
      'A composite measure needs components (relatedArtifact composed-of).',
    );
  if (components.some((component) => component.measure === ''))
    problems.add(
      'required',
      'Measure.relatedArtifact',
      'A component of a composite measure needs its canonical URL (resource).',
    );
  return { scoring: scoring ?? 'opportunity', components };
}
