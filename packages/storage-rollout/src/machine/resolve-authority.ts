import type { AuthorityRow } from './records.js';
import type { Side } from './sides.js';

/** Row of a store as it could be read; null when the store is unreachable or the row unreadable. */
export type Reading = AuthorityRow | null;

/** Side that a write goes to. */
export type Resolution =
  /** The side's own row says that it may write. */
  | { readonly kind: 'held'; readonly side: Side; readonly epoch: number }
  /** The library is fenced and on its way; writes wait. */
  | { readonly kind: 'moving'; readonly to: Side; readonly epoch: number }
  /** Nobody is known to hold the library; writes are refused. Never taken for `off`. */
  | { readonly kind: 'unknown' };

/**
 * Decides who may write a library from the rows of both stores: the higher epoch counts. A store whose own row names it
 * may be written to while the other one is unreachable; its transaction checks the epoch once more.
 *
 * @example
 * ```ts
 * const moving = resolveAuthority({ old: { epoch: 5, holder: 'new' }, new: { epoch: 4, holder: 'old' } });
 * console.log(moving.kind); // 'moving'
 * ```
 */
export function resolveAuthority(rows: Readonly<Record<Side, Reading>>): Resolution {
  const { old: ofOld, new: ofNew } = rows;
  if (ofOld === null || ofNew === null) {
    const own = ofOld?.holder === 'old' ? ofOld : ofNew?.holder === 'new' ? ofNew : null;
    return own === null ? { kind: 'unknown' } : { kind: 'held', side: own.holder, epoch: own.epoch };
  }
  if (ofOld.epoch === ofNew.epoch && ofOld.holder !== ofNew.holder) return { kind: 'unknown' };
  const { epoch, holder } = ofOld.epoch > ofNew.epoch ? ofOld : ofNew;
  const own = rows[holder];
  return own?.holder === holder && own.epoch === epoch
    ? { kind: 'held', side: holder, epoch }
    : { kind: 'moving', to: holder, epoch };
}
