import type { Resolution } from './resolve-authority.js';
import { otherSide, type Side } from './sides.js';
import type { Stage } from './stages.js';
import { stagePlans } from './stages.js';

/** Facts that decide where a library is read. */
export interface ReadFacts {
  /** Stage to read with: see {@link readStage}. */
  readonly stage: Stage;
  /** Who may write the library. */
  readonly authority: Resolution;
  /** True when the side that is not the authority holds everything: filled, and nothing dirty. */
  readonly isOtherClean: boolean;
}

/** Side that answers a read, and the one that answers if that fails. */
export interface ReadPlan {
  readonly side: Side;
  readonly fallback: Side | null;
  readonly compared: Side | null;
}

/**
 * Decides which side answers reads of a library. In `live` that is the library's authority; in other stages the side of
 * the stage, provided that it is the authority or clean. Otherwise the authority answers.
 *
 * @example
 * ```ts
 * const authority = { kind: 'held', side: 'new', epoch: 7 } as const;
 * console.log(planRead({ stage: 'shadow', authority, isOtherClean: false }).side); // 'new'
 * ```
 */
export function planRead({ stage, authority, isOtherClean }: ReadFacts): ReadPlan {
  const plan = stagePlans[stage];
  const holder = holderOf(authority, plan.authority);
  const wanted = stage === 'live' ? holder : plan.read;
  const side = wanted === holder || isOtherClean ? wanted : holder;
  const other = otherSide(side);
  const hasFallback = plan.fallback !== null && (other === holder || isOtherClean);
  return {
    side,
    fallback: hasFallback ? other : null,
    compared: plan.compared === null ? null : other,
  };
}

/** Side whose content counts. While a library moves, the fenced side has it, until the other one is admitted. */
function holderOf(authority: Resolution, planned: Side): Side {
  switch (authority.kind) {
    case 'held':
      return authority.side;
    case 'moving':
      return otherSide(authority.to);
    case 'unknown':
      return planned;
  }
}
