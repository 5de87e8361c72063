import type { Task } from '@switchyard/storage-isolation';
import { convertHere } from './convert.js';
import { type PlanOptions, planHere } from './plan.js';
import type { ConversionOptions, ConversionPlan, ConversionProgress, ConversionResult } from './types.js';

/** Options of a conversion that can be sent to another process. */
export type SentConversion = Omit<ConversionOptions, 'signal' | 'deadline' | 'onProgress'>;

/** Options of a plan that can be sent to another process. */
export type SentPlan = Omit<PlanOptions, 'signal' | 'deadline' | 'onProgress'>;

/** Progress of a plan. */
export interface PlanProgress {
  readonly rows: number;
  readonly totalRows: number;
}

export const convertTask: Task<SentConversion, ConversionResult, ConversionProgress> = (
  input,
  { signal, deadline, progress, ...host },
) => convertHere({ ...input, signal, deadline, onProgress: progress }, host);

export const planTask: Task<SentPlan, ConversionPlan, PlanProgress> = (
  input,
  { signal, deadline, progress },
) => planHere({ ...input, signal, deadline, onProgress: (rows, totalRows) => progress({ rows, totalRows }) });
