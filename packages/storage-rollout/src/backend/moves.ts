import type { CallOptions } from '@switchyard/storage-core';
import type { LogKey } from '@switchyard/storage-core/backend';
import { otherSide, type Side, sides } from '../machine/sides.js';
import { textOfKey } from '../stores/contents.js';
import type { AuditLog } from './audit-log.js';
import type { Authorities } from './authorities.js';
import type { Drains } from './drains.js';
import { isUnreachable } from './errors.js';
import type { ReasonOptions } from './gate-keeper.js';
import { moving, refused } from './refusals.js';
import { type Logs, runTask } from './run-task.js';
import type { Stores } from './stores.js';

/** Number of times that a backfill begins again because the epoch or the boot changed. */
const BACKFILL_ATTEMPTS = 5;

/** Dependencies of {@link Moves}. */
export interface MovesContext {
  readonly stores: Stores;
  readonly logs: Logs;
  readonly authorities: Authorities;
  /** Returns the drains of the open backend. */
  readonly drains: () => Drains;
  readonly audit: AuditLog;
}

/** Fills sides and moves libraries between them. */
export class Moves {
  readonly #stores: Stores;
  readonly #logs: Logs;
  readonly #authorities: Authorities;
  readonly #drains: () => Drains;
  readonly #audit: AuditLog;

  constructor({ stores, logs, authorities, drains, audit }: MovesContext) {
    this.#stores = stores;
    this.#logs = logs;
    this.#authorities = authorities;
    this.#drains = drains;
    this.#audit = audit;
  }

  /** Returns the libraries that either side has a record of. @throws StorageError if a side cannot be reached. */
  async libraries(options: CallOptions | undefined): Promise<readonly string[]> {
    const names = [await this.#logs.old.libraries(options), await this.#logs.new.libraries(options)];
    return [...new Set(names.flat())];
  }

  /** Returns the libraries that a side which can be reached has a record of. */
  async knownLibraries(): Promise<readonly string[]> {
    const names = await Promise.all(
      sides.map((side) =>
        this.#logs[side].libraries().catch((error: unknown): readonly string[] => {
          if (isUnreachable(error)) return [];
          throw error;
        }),
      ),
    );
    return [...new Set(names.flat())];
  }

  /** Returns true if the side that does not hold a library has a marker of the present epoch. */
  async isFilled(library: string, options: CallOptions | undefined): Promise<boolean> {
    this.#authorities.forget(library);
    const found = await this.#authorities.of(library, options);
    if (found.kind !== 'held') throw moving([library]);
    const { filled } = await this.#logs[otherSide(found.side)].readAuthority(library, options);
    return filled === found.epoch;
  }

  /** See `RolloutBackend.settle`. */
  async settle(options: CallOptions | undefined): Promise<void> {
    for (const library of await this.libraries(options)) {
      const found = await this.#authorities.of(library, options);
      if (found.kind === 'held') await this.#drains().drain(library, found.side, options);
    }
  }

  /** Fills every library whose other side has no marker of the present epoch. */
  async backfillAll(options: CallOptions | undefined): Promise<void> {
    for (const library of await this.libraries(options)) {
      if (!(await this.isFilled(library, options))) await this.backfill(library, options);
    }
  }

  /** See `RolloutBackend.backfill`. */
  async backfill(library: string, options: CallOptions | undefined): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#authorities.forget(library);
      const found = await this.#authorities.of(library, options);
      if (found.kind !== 'held') throw moving([library]);
      // What an earlier authority lost is looked for first.
      await this.#drains().drain(library, found.side, options);
      const pages = await this.keysOf(library, options);
      const task = { kind: 'backfill', library, from: found.side, pages, state: { at: 'position' } } as const;
      const { answer } = await runTask(this.#logs, task, { options });
      if (answer?.kind !== 'refused') return;
      if (attempt === BACKFILL_ATTEMPTS) {
        throw refused(`The library '${library}' cannot be filled: ${answer.reason}.`, answer.reason);
      }
    }
  }

  /** Keys of a library on either side, those of the outer rows first, as the machine names them. */
  async keysOf(library: string, options: CallOptions | undefined): Promise<readonly string[]> {
    const versionKeys = new Set<string>();
    const pageKeys = new Set<string>();
    const text = (key: LogKey) => textOfKey(key);
    for (const side of sides) {
      const { catalog } = this.#stores[side];
      for (const { id, name: version } of await catalog.versions({ library }, options)) {
        versionKeys.add(text({ kind: 'version', version }));
        for (const { url } of await catalog.pages({ versionId: id }, options)) {
          pageKeys.add(text({ kind: 'page', version, url }));
        }
      }
    }
    return [text({ kind: 'library' }), ...versionKeys, ...pageKeys];
  }

  /**
   * Begins a library at the new side in `complete`, where the old one is not needed: nobody writes there any more, as the
   * promotion required. {@link fenceBegun} tells the old side later.
   *
   * @returns False if it has begun elsewhere.
   */
  async begin(library: string, options: CallOptions | undefined): Promise<boolean> {
    const { authority } = await this.#logs.new.readAuthority(library, options);
    if (authority.holder !== 'old' || authority.epoch > 1) return false;
    await this.#logs.new.admit(library, 2, options);
    return true;
  }

  /** Fences the old side for a library that began at the new one: all of it is dirty there, so nothing else is missing. */
  async fenceBegun(library: string, options: CallOptions | undefined): Promise<void> {
    const [{ authority: old }, { authority }] = await Promise.all([
      this.#logs.old.readAuthority(library, options),
      this.#logs.new.readAuthority(library, options),
    ]);
    if (authority.holder !== 'new' || old.holder !== 'old' || old.epoch >= authority.epoch) return;
    await this.#logs.old.fence(library, old.epoch, authority, old.epoch, options);
    this.#authorities.forget(library);
  }

  /** See `RolloutBackend.move`. */
  async move(library: string, to: Side, options: ReasonOptions | undefined): Promise<void> {
    const task = { kind: 'switch', library, to, state: { at: 'readLoser' } } as const;
    // Delivered before the fence, so that writers wait for little.
    const { authority } = await this.#logs[otherSide(to)].readAuthority(library, options);
    if (authority.holder !== to) await this.#drains().drain(library, otherSide(to), options);
    const { task: end, answer } = await runTask(this.#logs, task, { options });
    this.#authorities.forget(library);
    if ((end.state as { readonly at: string }).at === 'moved') {
      // Before, it may have been held there already.
      if (authority.holder !== to) await this.#record(library, to, options);
      return;
    }
    const reason = answer?.kind === 'refused' ? answer.reason : 'conflict';
    throw refused(`The library '${library}' cannot be moved to the ${to} side: ${reason}.`, reason);
  }

  async #record(library: string, to: Side, options: ReasonOptions | undefined): Promise<void> {
    const { authority } = await this.#logs[to].readAuthority(library, options);
    const note = this.#audit.note({ kind: 'move', library, to, epoch: authority.epoch }, options?.reason);
    await this.#audit.add(note);
  }
}
