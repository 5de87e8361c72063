/** Loads the conversion of legacy stores when a command needs it: the only place of the CLI that imports the package. */
export const loadConversion = () => import('@switchyard/legacy-conversion');

export type {
  ConversionPlan,
  ConversionProgress,
  ConversionResult,
  ConversionTarget,
  ProblemCounts,
} from '@switchyard/legacy-conversion';
