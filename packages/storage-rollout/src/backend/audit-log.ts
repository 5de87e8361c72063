import { randomUUID } from 'node:crypto';
import type { CallOptions, JsonValue } from '@switchyard/storage-core';
import type { LogNote } from '@switchyard/storage-core/backend';
import { otherSide, type Side, sides } from '../machine/sides.js';
import type { Stage } from '../machine/stages.js';
import { isUnreachable } from './errors.js';
import { neitherReadable } from './refusals.js';
import type { Logs } from './run-task.js';

/** Move of a rollout: a change of the stage, or of the side that holds a library. */
export type Move =
  | {
      readonly kind: 'promote' | 'demote' | 'latch' | 'force';
      readonly from: Stage;
      readonly to: Stage;
      /** Revision of the stage after it. */
      readonly revision: number;
    }
  | {
      readonly kind: 'move';
      readonly library: string;
      readonly to: Side;
      /** Epoch that begins with it. */
      readonly epoch: number;
    };

/** Entry of the audit log. */
export interface AuditEntry {
  /** Time in milliseconds since the epoch. */
  readonly at: number;
  readonly move: Move;
  /** Reason that was given; null without one. */
  readonly reason: string | null;
  /** Evidence that the move was judged by; null where there was none. */
  readonly evidence: JsonValue;
}

/** Kind of the notes of the audit log. */
const KIND = 'audit';

/** Audit log of a rollout, in both stores. */
export class AuditLog {
  readonly #logs: Logs;
  #count = 0;

  constructor(logs: Logs) {
    this.#logs = logs;
  }

  /** Returns an entry as a note, which the store keeps with a change of the stage. */
  note(move: Move, reason: string | undefined, evidence: JsonValue = null): LogNote {
    const at = Date.now();
    const body = { move: { ...move }, reason: reason ?? null, evidence };
    // Moves within a millisecond stay in order.
    const order = `${String(at).padStart(15, '0')} ${String(this.#count++).padStart(9, '0')}`;
    return { kind: KIND, key: `${order} ${randomUUID()}`, at, body };
  }

  /** Adds an entry to the stores that can be reached. The others get it by {@link carry}. */
  async add(note: LogNote): Promise<void> {
    for (const side of sides) await this.#logs[side].putNote(note).catch(dropUnreachable);
  }

  /** Returns all entries of the stores that can be reached, oldest first. @throws StorageError if none can. */
  async entries(options: CallOptions | undefined): Promise<readonly AuditEntry[]> {
    const found = new Map<string, LogNote>();
    let isRead = false;
    for (const side of sides) {
      const notes = await this.#read(side, options);
      if (notes !== null) isRead = true;
      for (const note of notes ?? []) found.set(note.key, note);
    }
    if (!isRead) throw neitherReadable();
    return [...found.values()]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ at, body }) => ({ at, ...(body as unknown as Omit<AuditEntry, 'at'>) }));
  }

  /** Gives each store the entries that only the other one has. Does nothing while one of them cannot be reached. */
  async carry(): Promise<void> {
    const [old, other] = await Promise.all(sides.map((side) => this.#read(side, undefined)));
    if (old == null || other == null) return;
    const notes = { old, new: other };
    for (const side of sides) {
      const known = new Set(notes[side].map(({ key }) => key));
      for (const note of notes[otherSide(side)]) {
        if (!known.has(note.key)) await this.#logs[side].putNote(note).catch(dropUnreachable);
      }
    }
  }

  async #read(side: Side, options: CallOptions | undefined): Promise<readonly LogNote[] | null> {
    try {
      return await this.#logs[side].notes(KIND, options);
    } catch (error) {
      if (isUnreachable(error)) return null;
      throw error;
    }
  }
}

function dropUnreachable(error: unknown): void {
  if (!isUnreachable(error)) throw error;
}
