import type { Answer } from '../calls.js';
import type { Position } from '../position.js';
import type { Boot, Operation, PageContent } from '../records.js';
import type { Side } from '../sides.js';
import { otherSide } from '../sides.js';
import type { Step } from './task.js';

/**
 * Fills the secondary with everything the authority holds, page by page, at the position that was taken first. Pages that
 * change in between are left to the drain.
 */
export interface BackfillTask {
  readonly kind: 'backfill';
  readonly library: string;
  readonly from: Side;
  /** Pages of either side. Those the authority lacks are deleted on the other one. */
  readonly pages: readonly string[];
  readonly state: BackfillState;
}

/** Place of a backfill in its library. */
interface Place {
  readonly since: Position;
  readonly page: number;
  /** Boot of the other side under which the pages so far were put; null before the first. */
  readonly boot: Boot | null;
}

/** Progress of a backfill. */
export type BackfillState =
  | { readonly at: 'position' }
  | ({ readonly at: 'read' } & Place)
  | ({
      readonly at: 'put';
      readonly content: PageContent;
      readonly operations: readonly Operation[];
    } & Place)
  | { readonly at: 'mark'; readonly epoch: number; readonly boot: Boot | null }
  | { readonly at: 'complete' }
  | { readonly at: 'refused' };

/** Next call of a backfill; null when it is over. */
export function nextOfBackfill({ library, from, pages, state }: BackfillTask): Step | null {
  const to = otherSide(from);
  switch (state.at) {
    case 'position':
      return { side: from, call: { kind: 'takePosition', library } };
    case 'read':
      return {
        side: from,
        call: { kind: 'readPage', library, page: pages[state.page] as string, since: state.since },
      };
    case 'put': {
      const { since, content, operations } = state;
      const page = pages[state.page] as string;
      return {
        side: to,
        call: {
          kind: 'put',
          library,
          page,
          content,
          operations,
          position: since,
          epoch: since.epoch,
          source: 'backfill',
        },
      };
    }
    case 'mark':
      return { side: to, call: { kind: 'markFilled', library, epoch: state.epoch, boot: state.boot } };
    default:
      return null;
  }
}

/** State of a backfill after an answer. A refusal means that the term changed: the backfill starts over. */
export function backfillAfter({ pages, state }: BackfillTask, answer: Answer): BackfillState {
  if (answer.kind === 'refused') return { at: 'refused' };
  switch (state.at) {
    case 'position':
      return answer.kind === 'position'
        ? pageAt(pages, { since: answer.position, page: 0, boot: null })
        : state;
    case 'read': {
      const { since, page, boot } = state;
      if (answer.kind !== 'page') return pageAt(pages, { since, page: page + 1, boot });
      return { at: 'put', since, page, boot, content: answer.content, operations: answer.operations };
    }
    case 'put': {
      const { since, page, boot } = state;
      if (answer.kind !== 'put') return state;
      // Earlier pages may be lost with what the store had not made durable.
      if (boot !== null && boot !== answer.boot) return { at: 'refused' };
      return pageAt(pages, { since, page: page + 1, boot: answer.boot });
    }
    case 'mark':
      return { at: 'complete' };
    default:
      return state;
  }
}

function pageAt(pages: readonly string[], { since, page, boot }: Place): BackfillState {
  return page < pages.length ? { at: 'read', since, page, boot } : { at: 'mark', epoch: since.epoch, boot };
}
