import type { JsonValue } from '@switchyard/storage-core';
import type { LogKey, LogNote, LogPosition, LogRow } from '@switchyard/storage-core/backend';
import type { KeepConflict } from '../machine/calls.js';
import { keyOfText, sourceOf } from './contents.js';

/** Kind of the notes of conflicts. */
export const CONFLICT = 'conflict';

/** State that a side had not delivered when its library was taken by force. */
export interface ConflictRecord {
  /** Identity of the conflict. */
  readonly id: string;
  readonly library: string;
  readonly key: LogKey;
  readonly position: LogPosition;
  /** Time in milliseconds since the epoch at which it turned up. */
  readonly at: number;
  /** Row that the side had, with its texts and vectors; null for a deletion. */
  readonly row: LogRow | null;
  /** Decision of a person; null while there is none. */
  readonly resolution: string | null;
}

/** Returns the note of a conflict. */
export function conflictNote({ library, page, content, position }: KeepConflict): LogNote {
  const { epoch, sequence } = position;
  const { row } = sourceOf(content);
  const body = { library, key: keyOfText(page), position, row, resolution: null };
  return {
    kind: CONFLICT,
    key: JSON.stringify([library, page, epoch, sequence]),
    at: Date.now(),
    body: JSON.parse(JSON.stringify(body, encoded)) as JsonValue,
  };
}

/** Returns the conflict of a note. */
export function conflictOf({ key, at, body }: LogNote): ConflictRecord {
  const found = JSON.parse(JSON.stringify(body), decoded) as Omit<ConflictRecord, 'id' | 'at'>;
  return { id: key, at, ...found };
}

/** Returns the note of a conflict with a decision. */
export function resolvedNote(note: LogNote, resolution: string): LogNote {
  return { ...note, body: { ...(note.body as { readonly [name: string]: JsonValue }), resolution } };
}

/** Vectors keep their bytes; JSON would lose -0 and NaN. */
function encoded(name: string, value: unknown): unknown {
  if (name !== 'vector' || !(value instanceof Float32Array)) return value;
  return { float32: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
}

function decoded(name: string, value: unknown): unknown {
  if (name !== 'vector' || typeof value !== 'object' || value === null || !('float32' in value)) return value;
  const bytes = Uint8Array.from(Buffer.from(String(value.float32), 'base64'));
  return new Float32Array(bytes.buffer);
}
