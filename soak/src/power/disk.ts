import type { Random } from '../harness/random.js';
import type { DiskEvent } from './events.js';

const SECTOR = 512;

type FileChange = Extract<DiskEvent, { kind: 'write' | 'truncate' }> & { readonly at: number };
type NameChange = { readonly at: number; apply(names: Map<string, Inode>): void };

/** A file: its durable content, and the changes made since. */
interface Inode {
  durable: Buffer;
  pending: FileChange[];
}

/** Ways in which a power cut loses unsynced changes. */
export const LOSSES = ['none', 'all', 'prefix', 'subset', 'torn', 'one-file', 'noise'] as const;
/**
 * `none` and `all`: none or all of the unsynced changes are on the disk. `prefix`: the first changes. `subset`: any of
 * them, in any order. `torn`: any sectors of them. `one-file`: all changes of one file and none of the others. `noise`:
 * a subset, and random bytes where a lost write extended a file.
 */
export type Loss = (typeof LOSSES)[number];

/** A folder on a disk that only guarantees to keep synced data. */
export class Disk {
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pendingNames: NameChange[] = [];

  /** @param at Number of the event. */
  apply(event: DiskEvent, at: number): void {
    switch (event.kind) {
      case 'create': {
        const inode: Inode = { durable: Buffer.alloc(0), pending: [] };
        this.#rename({ at, apply: (names) => names.set(event.name, inode) });
        break;
      }
      case 'unlink':
        this.#rename({ at, apply: (names) => names.delete(event.name) });
        break;
      case 'rename': {
        const inode = this.#inode(event.name);
        this.#rename({
          at,
          apply: (names) => {
            names.delete(event.name);
            names.set(event.to, inode);
          },
        });
        break;
      }
      case 'write':
      case 'truncate':
        this.#inode(event.name).pending.push({ ...event, at });
        break;
      case 'sync': {
        const inode = this.#inode(event.name);
        inode.durable = applyAll(
          inode.durable,
          inode.pending.filter((change) => change.at < event.since),
        );
        inode.pending = inode.pending.filter((change) => change.at >= event.since);
        break;
      }
      case 'sync-folder':
        for (const change of this.#pendingNames)
          if (change.at < event.since) change.apply(this.#durableNames);
        this.#pendingNames = this.#pendingNames.filter((change) => change.at >= event.since);
        break;
      case 'mark':
        break;
    }
  }

  /** Returns the files that a power cut at this moment may leave. */
  image(loss: Loss, random: Random): Map<string, Buffer> {
    const names = new Map(this.#durableNames);
    for (const change of choose(this.#pendingNames, loss, random)) change.apply(names);
    const kept = random.pick([...names.keys(), '']);
    const files = new Map<string, Buffer>();
    for (const [name, { durable, pending }] of names) {
      const ofFile = loss === 'one-file' ? (name === kept ? 'all' : 'none') : loss;
      files.set(name, imageOf(durable, pending, ofFile, random));
    }
    return files;
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name);
    if (inode === undefined) throw new Error(`${name} was changed before it was created.`);
    return inode;
  }

  #rename(change: NameChange): void {
    change.apply(this.#names);
    this.#pendingNames.push(change);
  }
}

function choose<T>(changes: readonly T[], loss: Loss, random: Random): readonly T[] {
  switch (loss) {
    case 'none':
      return [];
    case 'all':
      return changes;
    case 'prefix':
      return changes.slice(0, random.below(changes.length + 1));
    default: {
      const share = random.float();
      return changes.filter(() => random.chance(share));
    }
  }
}

/** Returns the bytes after some changes, without modifying `before`. */
function applyAll(before: Buffer, changes: readonly FileChange[]): Buffer {
  const capacity = changes.reduce((most, change) => Math.max(most, endOf(change)), before.length);
  const bytes = Buffer.alloc(capacity);
  before.copy(bytes);
  let length = before.length;
  for (const change of changes) {
    if (change.kind === 'write') {
      change.data.copy(bytes, change.offset);
      length = Math.max(length, endOf(change));
    } else {
      if (change.size < length) bytes.fill(0, change.size, length);
      length = change.size;
    }
  }
  return bytes.subarray(0, length);
}

function endOf(change: FileChange): number {
  return change.kind === 'write' ? change.offset + change.data.length : change.size;
}

function imageOf(durable: Buffer, pending: readonly FileChange[], loss: Loss, random: Random): Buffer {
  if (loss === 'torn')
    return applyAll(
      durable,
      pending.flatMap((change) => tear(change, random)),
    );
  const kept = choose(pending, loss, random);
  const image = applyAll(durable, kept);
  if (loss !== 'noise' || image.length <= durable.length) return image;
  // A file system may return anything where a file was extended and its bytes were not written.
  const noisy = Buffer.from(image);
  for (let at = durable.length; at < noisy.length; at++) noisy[at] = random.below(256);
  for (const change of kept) if (change.kind === 'write') change.data.copy(noisy, change.offset);
  return noisy;
}

/** Returns random sectors of a write. */
function tear(change: FileChange, random: Random): FileChange[] {
  if (change.kind === 'truncate') return random.chance(0.5) ? [change] : [];
  const share = random.pick([0, 0.5, 0.5, 0.9, 1]);
  const pieces: FileChange[] = [];
  for (let from = 0; from < change.data.length; ) {
    // Up to the next sector boundary of the file.
    const to = Math.min(change.data.length, from + SECTOR - ((change.offset + from) % SECTOR));
    if (random.chance(share)) {
      pieces.push({ ...change, offset: change.offset + from, data: change.data.subarray(from, to) });
    }
    from = to;
  }
  return pieces;
}
