import type { Answer } from '../calls.js';
import type { Side } from '../sides.js';
import type { Step } from './task.js';

/** Makes pages dirty that a verification found different, so that a drain delivers them again. */
export interface RepairTask {
  readonly kind: 'repair';
  readonly library: string;
  /** Side that holds the library. */
  readonly from: Side;
  /** Pages that differ. */
  readonly pages: readonly string[];
  readonly state: RepairState;
}

/** Progress of a repair. */
export type RepairState =
  | { readonly at: 'authority' }
  | { readonly at: 'relog'; readonly page: number; readonly epoch: number }
  | { readonly at: 'marked' }
  | { readonly at: 'refused' };

/** Next call of a repair; null when it is over. */
export function nextOfRepair({ library, from, pages, state }: RepairTask): Step | null {
  switch (state.at) {
    case 'authority':
      return { side: from, call: { kind: 'readAuthority', library } };
    case 'relog': {
      const page = pages[state.page] as string;
      return { side: from, call: { kind: 'relog', library, page, epoch: state.epoch } };
    }
    default:
      return null;
  }
}

/** State of a repair after an answer. A refusal means that the term changed, or that lost changes are looked for. */
export function repairAfter({ from, pages, state }: RepairTask, answer: Answer): RepairState {
  if (answer.kind === 'refused') return { at: 'refused' };
  if (state.at === 'authority') {
    if (answer.kind !== 'authority') return state;
    return answer.row.holder === from ? pageAt(pages, 0, answer.row.epoch) : { at: 'refused' };
  }
  return state.at === 'relog' ? pageAt(pages, state.page + 1, state.epoch) : state;
}

function pageAt(pages: readonly string[], page: number, epoch: number): RepairState {
  return page < pages.length ? { at: 'relog', page, epoch } : { at: 'marked' };
}
