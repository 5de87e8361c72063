import type { CallOptions } from '@switchyard/storage-core';
import type { LogNote } from '@switchyard/storage-core/backend';
import type { ControlRow } from '../machine/control.js';
import { deciderOf } from '../machine/control.js';
import { FORCED_TERMS } from '../machine/protocols/force-task.js';
import { otherSide, type Side, sides } from '../machine/sides.js';
import type { Stage } from '../machine/stages.js';
import { CONFLICT, type ConflictRecord, conflictOf, resolvedNote } from '../stores/conflict-note.js';
import type { AuditLog } from './audit-log.js';
import type { Authorities } from './authorities.js';
import type { Drains } from './drains.js';
import { isUnreachable } from './errors.js';
import type { ReasonOptions } from './gate-keeper.js';
import type { Moves } from './moves.js';
import { refused } from './refusals.js';
import { type Logs, runTask } from './run-task.js';

/** Result of a forced demotion. */
export interface ForcedDemotion {
  readonly row: ControlRow;
  /** Libraries that the other side held, which are not known to be drained: acknowledged writes may be missing. */
  readonly libraries: readonly string[];
}

/** Dependencies of {@link ForcedMoves}. */
export interface ForcedMovesContext {
  readonly logs: Logs;
  readonly authorities: Authorities;
  readonly moves: Moves;
  readonly audit: AuditLog;
  /** Returns the drains of the open backend. */
  readonly drains: () => Drains;
}

/** Leaves the new side while it cannot be reached, and brings it back with its conflicts. */
export class ForcedMoves {
  readonly #context: ForcedMovesContext;

  constructor(context: ForcedMovesContext) {
    this.#context = context;
  }

  /** See `RolloutBackend.forceDemote`. */
  async demote(to: ForcedStage, options: ReasonOptions | undefined): Promise<ForcedDemotion> {
    const { logs, authorities, audit } = this.#context;
    authorities.forget();
    const readings = await authorities.readings();
    const row = await authorities.control();
    if (deciderOf(row.stage) !== 'new') {
      throw refused(`The old side decides in '${row.stage}': there is nothing to force.`, 'not-permitted');
    }
    if (readings.new !== null) {
      throw refused('The new side can be reached: lower the stage without force.', 'not-permitted');
    }
    const libraries: string[] = [];
    for (const library of await logs.old.libraries(options)) {
      const { authority } = await logs.old.readAuthority(library, options);
      if (authority.holder === 'old') continue;
      const task = { kind: 'force', library, to: 'old', state: { at: 'read' } } as const;
      await runTask(logs, task, { options });
      libraries.push(library);
    }
    // Above every row that the new side may have made and nobody has seen.
    const forced = { revision: row.revision + FORCED_TERMS, stage: to, latched: true };
    await logs.old.carryStage(forced, options);
    const move = { kind: 'force', from: row.stage, to, revision: forced.revision } as const;
    await audit.add(audit.note(move, options?.reason, { libraries }));
    authorities.forget();
    return { row: forced, libraries };
  }

  /** Brings back the side of each library that was taken by force, as far as both sides can be reached. */
  async rejoin(options: CallOptions | undefined): Promise<void> {
    try {
      for (const library of await this.#context.moves.libraries(options))
        await this.#rejoin(library, options);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
  }

  async #rejoin(library: string, options: CallOptions | undefined): Promise<void> {
    const { logs, authorities, drains } = this.#context;
    const [old, other] = await Promise.all(sides.map((side) => logs[side].readAuthority(library, options)));
    if (old?.authority.holder !== 'old' || other?.authority.holder !== 'new') return;
    // Both claim it after a forced demotion, and while it began in `complete`, which is no conflict.
    if (Math.abs(old.authority.epoch - other.authority.epoch) < FORCED_TERMS / 2) return;
    const to: Side = old.authority.epoch > other.authority.epoch ? 'old' : 'new';
    const task = { kind: 'rejoin', library, to, state: { at: 'read' } } as const;
    const { answer } = await runTask(logs, task, { options });
    if (answer?.kind === 'refused') {
      throw refused(
        `The ${otherSide(to)} side of '${library}' cannot return: ${answer.reason}.`,
        answer.reason,
      );
    }
    authorities.forget(library);
    drains().request(library, to);
  }

  /** See `RolloutBackend.conflicts`. */
  async conflicts(options: CallOptions | undefined): Promise<readonly ConflictRecord[]> {
    await this.rejoin(options);
    const notes = await this.#notes(options);
    return notes.map(({ note }) => conflictOf(note)).filter(({ resolution }) => resolution === null);
  }

  /** See `RolloutBackend.resolveConflict`. */
  async resolve(id: string, resolution: string, options: CallOptions | undefined): Promise<boolean> {
    const found = (await this.#notes(options)).filter(({ note }) => note.key === id);
    for (const { side, note } of found) {
      await this.#context.logs[side].putNote(resolvedNote(note, resolution), options);
    }
    return found.length > 0;
  }

  /** @throws StorageError `STORAGE_CONSTRAINT` while a conflict is undecided. */
  async requireNoConflicts(options: CallOptions | undefined): Promise<void> {
    const { length } = await this.conflicts(options);
    if (length > 0) throw refused(`${length} conflicts of a forced demotion are undecided.`, 'conflicts');
  }

  async #notes(options: CallOptions | undefined): Promise<{ readonly side: Side; readonly note: LogNote }[]> {
    const found: { readonly side: Side; readonly note: LogNote }[] = [];
    for (const side of sides) {
      const notes = await this.#context.logs[side].notes(CONFLICT, options).catch((error: unknown) => {
        if (isUnreachable(error)) return [];
        throw error;
      });
      found.push(...notes.map((note) => ({ side, note })));
    }
    return found;
  }
}

/** Stages that a forced demotion may lead to. */
export type ForcedStage = Extract<Stage, 'dualwrite' | 'shadow'>;
