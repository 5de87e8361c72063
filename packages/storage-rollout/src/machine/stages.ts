import { type RolloutStage, rolloutStages } from '@switchyard/storage-core/backend';
import type { Side } from './sides.js';

/** Stages of a rollout, in order. */
export const stages = rolloutStages;

/** One of {@link stages}. */
export type Stage = RolloutStage;

/** Part of the work that one side does in a stage. */
export interface StagePlan {
  /** Side that is written first and decides what a library holds, once the library has been moved. */
  readonly authority: Side;
  /** Side that is written second, after the caller got its answer; null when there is none. */
  readonly secondary: Side | null;
  /** Side whose answer is returned. */
  readonly read: Side;
  /** Side that is read too, without being waited for, to compare its answer; null when nothing is compared. */
  readonly compared: Side | null;
  /** Side that answers when the read side fails, for libraries that are clean; null when there is none. */
  readonly fallback: Side | null;
}

/** Fixed plan of each stage. */
export const stagePlans: Readonly<Record<Stage, StagePlan>> = {
  off: { authority: 'old', secondary: null, read: 'old', compared: null, fallback: null },
  dualwrite: { authority: 'old', secondary: 'new', read: 'old', compared: null, fallback: null },
  shadow: { authority: 'old', secondary: 'new', read: 'old', compared: 'new', fallback: null },
  live: { authority: 'new', secondary: 'old', read: 'new', compared: 'old', fallback: 'old' },
  rampdown: { authority: 'new', secondary: 'old', read: 'new', compared: null, fallback: null },
  complete: { authority: 'new', secondary: null, read: 'new', compared: null, fallback: null },
};

/** Returns the place of a stage, from 0 for `off`. */
export function rankOf(stage: Stage): number {
  return stages.indexOf(stage);
}

/** Returns the next stage up; null at the top. */
export function nextStage(stage: Stage): Stage | null {
  return stages[rankOf(stage) + 1] ?? null;
}

/** Returns the lower of two stages. */
export function lowerStage(a: Stage, b: Stage): Stage {
  return rankOf(a) <= rankOf(b) ? a : b;
}

/** Returns true for the name of a stage. */
export function isStage(value: unknown): value is Stage {
  return stages.includes(value as Stage);
}
