import type { LogRefusal } from '@switchyard/storage-core/backend';
import type { ControlRow, StageCommand } from './control.js';
import type { Position } from './position.js';
import type { AuthorityRow, Boot, Conflict, Gap, Operation, PageContent } from './records.js';

/**
 * Everything a rollout asks of a store. Each call is one transaction. Those with an epoch are refused in that
 * transaction when the store knows a later one.
 */
export type Call =
  | Connect
  | ReadAuthority
  | Write
  | TakeChange
  | Put
  | Sync
  | Clear
  | Announce
  | CarryBack
  | Relog
  | CloseGaps
  | Fence
  | Admit
  | TakePosition
  | ReadPage
  | MarkFilled
  | ReadControl
  | ChangeStage
  | CarryStage
  | ReadLast
  | Search
  | Raise
  | KeepConflict;

/** First call after connecting. A boot that the store has not seen raises the epochs it holds. */
export interface Connect {
  readonly kind: 'connect';
  /** Identity of the current boot of the machine that has the file. */
  readonly boot: Boot;
}

/** Reads who may write a library, as this store knows it. */
export interface ReadAuthority {
  readonly kind: 'readAuthority';
  readonly library: string;
}

/** Write of the caller, on the authority. */
export interface Write {
  readonly kind: 'write';
  readonly library: string;
  readonly page: string;
  readonly action: 'replace' | 'delete';
  /** Id of the operation, the same for a repeated call; also stands for the content. */
  readonly operation: string;
  /** Epoch the caller believes in; null for a writer that knows nothing of the rollout. */
  readonly epoch: number | null;
}

/** Reads the oldest change that the other side lacks. */
export interface TakeChange {
  readonly kind: 'takeChange';
  readonly library: string;
  /** Latest position that the other side was seen to hold; null when it was not asked. */
  readonly seen: Position | null;
}

/**
 * Puts a state that the authority had, unless this side holds a newer one (`putIfNewer`). Another state at the same
 * position gives way, and this side counts as unfilled.
 */
export interface Put {
  readonly kind: 'put';
  readonly library: string;
  readonly page: string;
  readonly content: PageContent;
  readonly position: Position;
  /** Epoch of the authority's row when the state was read there. */
  readonly epoch: number;
  readonly source: 'drain' | 'backfill';
  /** Operations of the page, so that repeats are recognized after a switch. */
  readonly operations: readonly Operation[];
}

/** Makes all that this store committed durable, unless it has rebooted since and may have lost some of it. */
export interface Sync {
  readonly kind: 'sync';
  /** Boot under which the store answered what is to be durable. */
  readonly boot: Boot;
}

/** Marks a page as durably held by the other side, if it has not changed since. */
export interface Clear {
  readonly kind: 'clear';
  readonly library: string;
  readonly page: string;
  readonly position: Position;
}

/** Tells the secondary of a raised epoch and asks for what the authority lost. */
export interface Announce {
  readonly kind: 'announce';
  readonly library: string;
  readonly authority: AuthorityRow;
  readonly gaps: readonly Gap[];
}

/** Gives the authority back a state that it lost. */
export interface CarryBack {
  readonly kind: 'carryBack';
  readonly library: string;
  readonly page: string;
  readonly content: PageContent;
  /** Position of the lost state. */
  readonly from: Position;
  readonly epoch: number;
  readonly operations: readonly Operation[];
}

/** Logs a page once more, as it is, because the other side holds something else. */
export interface Relog {
  readonly kind: 'relog';
  readonly library: string;
  readonly page: string;
  readonly epoch: number;
}

/** Ends the search for lost changes. */
export interface CloseGaps {
  readonly kind: 'closeGaps';
  readonly library: string;
  readonly epoch: number;
}

/** Takes a library from this store. From then on it refuses writes. */
export interface Fence {
  readonly kind: 'fence';
  readonly library: string;
  /** Epoch that this store's row must have. */
  readonly expected: number;
  /** Row to write. */
  readonly authority: AuthorityRow;
  /** Completeness marker of the side that takes over. */
  readonly filled: number | null;
}

/** Gives this store a library that was fenced on the other side and drained. */
export interface Admit {
  readonly kind: 'admit';
  readonly library: string;
  readonly epoch: number;
}

/** Reads the position at which a backfill begins. */
export interface TakePosition {
  readonly kind: 'takePosition';
  readonly library: string;
}

/** Reads a page for a backfill that began at a position. */
export interface ReadPage {
  readonly kind: 'readPage';
  readonly library: string;
  readonly page: string;
  readonly since: Position;
}

/** Records durably that a backfill is complete, unless the store has rebooted since it began. */
export interface MarkFilled {
  readonly kind: 'markFilled';
  readonly library: string;
  readonly epoch: number;
  /** Boot under which all pages were put; null when there were none. */
  readonly boot: Boot | null;
}

/** Reads the stage. */
export interface ReadControl {
  readonly kind: 'readControl';
}

/** Changes the stage, on the side that decides. */
export interface ChangeStage {
  readonly kind: 'changeStage';
  /** Revision that the row must have. */
  readonly expected: number;
  readonly command: StageCommand;
  /** Completeness markers of the other side, by library. */
  readonly filled: Readonly<Record<string, number | null>>;
}

/** Gives this store the row of the stage that was decided on the other one. */
export interface CarryStage {
  readonly kind: 'carryStage';
  readonly row: ControlRow;
}

/** Reads the position that a library stands at; none while anything of it is dirty. */
export interface ReadLast {
  readonly kind: 'readLast';
  readonly library: string;
}

/** Searches a library, as the traffic does. */
export interface Search {
  readonly kind: 'search';
  readonly library: string;
}

/** Raises the epoch of a library whose log is shorter than what the other side has seen of it. */
export interface Raise {
  readonly kind: 'raise';
  readonly library: string;
  readonly expected: number;
  readonly seen: Position;
}

/** Keeps a state that a forced switch left behind, for a person to decide. */
export interface KeepConflict extends Conflict {
  readonly kind: 'keepConflict';
}

/** Reason for which a store did not do what it was asked. */
export type Refusal = LogRefusal;

/** Change that the other side lacks. */
export interface Change {
  readonly page: string;
  readonly content: PageContent;
  readonly position: Position;
  readonly operations: readonly Operation[];
}

/** Answer of a store. */
export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly reason: Refusal }
  | { readonly kind: 'authority'; readonly row: AuthorityRow; readonly filled: number | null }
  | { readonly kind: 'written'; readonly position: Position | null; readonly repeated: boolean }
  | { readonly kind: 'change'; readonly epoch: number; readonly change: Change }
  | { readonly kind: 'clean'; readonly authority: AuthorityRow }
  | { readonly kind: 'gap'; readonly authority: AuthorityRow; readonly gaps: readonly Gap[] }
  | {
      readonly kind: 'put';
      readonly applied: boolean;
      /** True if this side held another state at the same position, and counts as unfilled since. */
      readonly differs: boolean;
      readonly seen: Position;
      readonly boot: Boot;
    }
  | { readonly kind: 'orphans'; readonly orphans: readonly Change[] }
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'page'; readonly content: PageContent; readonly operations: readonly Operation[] }
  | { readonly kind: 'changed' }
  | {
      readonly kind: 'control';
      readonly row: ControlRow;
      readonly filled: Readonly<Record<string, number | null>>;
      /** Libraries that this side does not hold, as it knows them. */
      readonly away: readonly string[];
    }
  | { readonly kind: 'behind'; readonly epoch: number }
  | { readonly kind: 'last'; readonly position: Position | null }
  | { readonly kind: 'found'; readonly writes: readonly string[] };

/** Kinds of calls that a store makes durable before it answers, whatever its setting for other writes. */
const durableKinds: ReadonlySet<Call['kind']> = new Set<Call['kind']>([
  'connect',
  'raise',
  'sync',
  'announce',
  'closeGaps',
  'fence',
  'admit',
  'markFilled',
  'changeStage',
  'carryStage',
  'keepConflict',
]);

/** Returns true when a power cut cannot take the call, nor anything that its store committed before. */
export function isDurable(call: Call): boolean {
  return durableKinds.has(call.kind);
}
