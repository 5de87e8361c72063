import type { ComparisonReport } from '../compare/comparisons.js';
import type { ControlRow } from '../machine/control.js';
import { otherSide, type Side } from '../machine/sides.js';
import type { VerificationReport } from '../verify/verification.js';
import type { Authorities } from './authorities.js';
import { isUnreachable } from './errors.js';
import type { AutomaticDemotion } from './live-guard.js';
import type { Moves } from './moves.js';
import type { Logs } from './run-task.js';
import type { SideStatus } from './side-stores.js';

/** State of one library. Null stands for what cannot be known while a side cannot be reached. */
export interface LibraryStatus {
  readonly library: string;
  /** Side that holds the library; null while it is being moved, or if nobody is known to hold it. */
  readonly holder: Side | null;
  readonly epoch: number | null;
  /** True if the other side has a completeness marker of the present epoch. */
  readonly isFilled: boolean | null;
  /** True if the other side lacks a change of the holder. */
  readonly isDirty: boolean | null;
}

/** State of a rollout. */
export interface RolloutStatus {
  /** Stage that counts, as far as it can be read. */
  readonly row: ControlRow;
  readonly sides: Readonly<Record<Side, SideStatus>>;
  /** Libraries by name, of the sides that can be reached. */
  readonly libraries: readonly LibraryStatus[];
  /** Number of reads of this process that the fallback of `live` answered. */
  readonly fallbackReads: number;
  /** Comparisons of this process in the present stage. */
  readonly comparisons: ComparisonReport;
  /** Last verification of this process; null if there was none. */
  readonly verification: VerificationReport | null;
  /** Last automatic demotion by this process; null if there was none. */
  readonly demotion: AutomaticDemotion | null;
}

/** Dependencies of {@link readStatus}. */
export interface StatusContext {
  readonly logs: Logs;
  readonly authorities: Authorities;
  readonly moves: Moves;
}

/** Reads the state of all libraries. Works with one side. */
export async function readStatus({
  logs,
  authorities,
  moves,
}: StatusContext): Promise<Pick<RolloutStatus, 'row' | 'libraries'>> {
  authorities.forget();
  const row = await authorities.control();
  const libraries: LibraryStatus[] = [];
  for (const library of [...(await moves.knownLibraries())].sort()) {
    const { now, last } = await authorities.view(library);
    const held = now.kind === 'held' ? now : null;
    // Of a library that moves, the fenced side has the log.
    const from = held?.side ?? (now.kind === 'moving' ? otherSide(now.to) : (last?.side ?? null));
    const readable = async <T>(read: () => Promise<T>): Promise<T | null> => {
      try {
        return await read();
      } catch (error) {
        if (isUnreachable(error)) return null;
        throw error;
      }
    };
    libraries.push({
      library,
      holder: held?.side ?? null,
      epoch: now.kind === 'unknown' ? null : now.epoch,
      isFilled:
        held === null
          ? null
          : await readable(
              async () => (await logs[otherSide(held.side)].readAuthority(library)).filled === held.epoch,
            ),
      isDirty:
        from === null ? null : await readable(async () => (await logs[from].readLast(library)) === null),
    });
  }
  return { row, libraries };
}
