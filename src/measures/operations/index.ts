import type { Operation } from '../../module.ts';
import { careGapsOperation } from './care-gaps.ts';
import { collectDataOperation } from './collect-data.ts';
import { coreSetReportOperation } from './core-set-report.ts';
import { dataRequirementsOperation } from './data-requirements.ts';
import { evaluateOperation } from './evaluate.ts';
import { evaluateMeasureOperation } from './evaluate-measure.ts';
import { explainOperation } from './explain.ts';
import { publishedReportOperation } from './published-report.ts';
import type { MeasureRoom } from './room.ts';
import { submitDataOperation } from './submit-data.ts';

/** The operations on Measure. */
export function measureOperations(room: MeasureRoom): Operation[] {
  return [
    ...evaluateMeasureOperation(room),
    ...evaluateOperation(room),
    ...careGapsOperation(room),
    ...explainOperation(room),
    ...dataRequirementsOperation(room),
    ...collectDataOperation(room),
    ...submitDataOperation(room),
    ...publishedReportOperation(room),
    ...coreSetReportOperation(room),
  ];
}
