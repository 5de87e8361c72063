import { type CallOptions, isStorageError, type JsonValue } from '@switchyard/storage-core';
import type { LogNote } from '@switchyard/storage-core/backend';
import { type ControlRow, deciderOf, latestRow, type StageCommand, stageAfter } from '../machine/control.js';
import { otherSide, type Side } from '../machine/sides.js';
import { rankOf, type Stage } from '../machine/stages.js';
import type { AuditLog } from './audit-log.js';
import type { Authorities } from './authorities.js';
import type { Drains } from './drains.js';
import { isUnreachable } from './errors.js';
import type { GateKeeper, PromoteOptions, ReasonOptions } from './gate-keeper.js';
import type { Moves } from './moves.js';
import { deciderUnreachable, refused } from './refusals.js';
import { type Logs, runTask } from './run-task.js';

/** Number of times that a promotion is tried while writes make something dirty. */
const PROMOTE_ATTEMPTS = 5;

/** Dependencies of {@link StageCommands}. */
export interface StageCommandsContext {
  readonly logs: Logs;
  readonly authorities: Authorities;
  readonly moves: Moves;
  /** Returns the drains of the open backend. */
  readonly drains: () => Drains;
  readonly gates: GateKeeper;
  readonly audit: AuditLog;
}

/** Cause of a change of the stage, for the audit log. */
export interface Cause {
  readonly reason?: string | undefined;
  readonly evidence?: JsonValue | undefined;
  /** Revision that was judged; the change is refused for another one. */
  readonly revision?: number | undefined;
}

/** Changes of the stage. */
export class StageCommands {
  readonly #logs: Logs;
  readonly #authorities: Authorities;
  readonly #moves: Moves;
  readonly #drains: () => Drains;
  readonly #gates: GateKeeper;
  readonly #audit: AuditLog;

  constructor({ logs, authorities, moves, drains, gates, audit }: StageCommandsContext) {
    this.#logs = logs;
    this.#authorities = authorities;
    this.#moves = moves;
    this.#drains = drains;
    this.#gates = gates;
    this.#audit = audit;
  }

  /** Returns the row that counts, as it is now. */
  async row(): Promise<ControlRow> {
    const { old, new: other } = await this.#authorities.readings();
    if (old === null || other === null) return this.#authorities.control();
    return latestRow(old.row, other.row);
  }

  /** See `RolloutBackend.promote`. */
  async promote(options: PromoteOptions | undefined): Promise<ControlRow> {
    const row = await this.row();
    const { stage } = row;
    if (stage === 'live' || stage === 'rampdown') await this.#requireAllAt('new', options);
    if (stage !== 'off') await this.#moves.backfillAll(options);
    await this.#moves.settle(options);
    const judgment = await this.#gates.require(row, options);
    const evidence = judgment?.conditions.map((condition) => ({ ...condition })) ?? null;
    const cause = { reason: options?.reason, evidence, revision: row.revision };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.change({ kind: 'promote' }, options, cause);
      } catch (error) {
        // A write in between is delivered first.
        if (attempt === PROMOTE_ATTEMPTS || !isDirty(error)) throw error;
      }
      await this.#moves.settle(options);
    }
  }

  /** See `RolloutBackend.demote`. */
  async demote(to: Stage, options: ReasonOptions | undefined): Promise<ControlRow> {
    const { stage } = await this.row();
    const cause = { reason: options?.reason };
    const isBelow = rankOf(to) < rankOf('live');
    // First to where libraries may be at either side, so that nothing begins at the new one any more.
    if (rankOf(stage) > rankOf('live') && isBelow) {
      await this.change({ kind: 'demote', to: 'live' }, options, cause);
    }
    if (stage === 'complete') await this.#returnToOld(options);
    if (isBelow) await this.#moveAllBack(options);
    // Only the old side, which decides below `live`, can end logging.
    if (rankOf(stage) >= rankOf('live') && to === 'off') {
      await this.change({ kind: 'demote', to: 'shadow' }, options, cause);
    }
    return this.change({ kind: 'demote', to }, options, cause);
  }

  /**
   * Changes the stage on the side that decides and carries the row to the other one; later, if that cannot be reached.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` if the store refuses, `STORAGE_UNREACHABLE` if the side that decides cannot be
   * reached, or for a promotion, either.
   */
  async change(
    command: StageCommand,
    options: CallOptions | undefined,
    { reason, evidence, revision }: Cause = {},
  ): Promise<ControlRow> {
    const readings = await this.#authorities.readings();
    const rows = [readings.old?.row, readings.new?.row].filter((row) => row !== undefined);
    const row = rows.reduce(latestRow);
    if (revision !== undefined && row.revision !== revision) {
      throw refused(`The stage was changed to '${row.stage}' by somebody else.`, 'conflict');
    }
    const decider = deciderOf(row.stage);
    const [own, across] = [readings[decider], readings[otherSide(decider)]];
    if (own === null) throw deciderUnreachable(decider);
    if (across === null && command.kind === 'promote') throw deciderUnreachable(otherSide(decider));
    const at = own.row.revision < row.revision ? 'catchUp' : 'change';
    const task = { kind: 'stage', command, state: { at, row, filled: across?.filled ?? {} } } as const;
    const next = stageAfter(row, command);
    const { answer } = await runTask(this.#logs, task, {
      options,
      note: next === null ? undefined : this.#noteOf(command, row, next, { reason, evidence }),
      isDone: (_, { kind, state }) => kind === 'stage' && state.at === 'carry',
    });
    this.#authorities.forget();
    if (answer?.kind === 'refused')
      throw refused(`The stage cannot be changed: ${answer.reason}.`, answer.reason);
    // The change is made; the process that next opens the other side carries the row there.
    await this.#authorities.carry().catch((error: unknown) => {
      if (!isUnreachable(error)) throw error;
    });
    await this.#audit.carry();
    this.#authorities.forget();
    return this.#authorities.control();
  }

  #noteOf(command: StageCommand, row: ControlRow, next: ControlRow, { reason, evidence }: Cause): LogNote {
    const { stage: to, revision } = next;
    return this.#audit.note({ kind: command.kind, from: row.stage, to, revision }, reason, evidence);
  }

  /** Begins to deliver what was written while the old side was left. */
  async #returnToOld(options: CallOptions | undefined): Promise<void> {
    for (const library of await this.#logs.new.libraries(options)) {
      await this.#moves.fenceBegun(library, options);
      this.#drains().request(library, 'new');
    }
  }

  async #moveAllBack(options: CallOptions | undefined): Promise<void> {
    // Those of the new side were fenced on the old one, so it knows them: the new one is not needed if it holds none.
    for (const library of await this.#logs.old.libraries(options)) {
      const { authority } = await this.#logs.old.readAuthority(library, options);
      if (authority.holder === 'old') continue;
      if (!(await this.#moves.isFilled(library, options))) await this.#moves.backfill(library, options);
      await this.#moves.move(library, 'old', options);
    }
  }

  async #requireAllAt(side: Side, options: CallOptions | undefined): Promise<void> {
    for (const name of await this.#moves.libraries(options)) {
      this.#authorities.forget(name);
      const found = await this.#authorities.of(name, options);
      if (found.kind !== 'held' || found.side !== side) {
        throw refused(`The library '${name}' is not at the ${side} side yet; move it first.`, 'not-holder');
      }
    }
  }
}

function isDirty(error: unknown): boolean {
  return isStorageError(error, 'STORAGE_CONSTRAINT') && error.details?.reason === 'dirty';
}
