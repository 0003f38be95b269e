import { describeMatrix } from './matrix/describe.ts';

describeMatrix(1);
