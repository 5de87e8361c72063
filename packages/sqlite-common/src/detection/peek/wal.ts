import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC_LITTLE_ENDIAN = 0x377f0682;
const MAGIC_BIG_ENDIAN = 0x377f0683;

/**
 * Offsets in a WAL of the newest committed content of each page, by page number. Frames after the last commit, or left
 * over from before the WAL was last restarted, do not count. The format is described in
 * https://www.sqlite.org/fileformat2.html#walformat
 */
export function readWalIndex(wal: number, pageSize: number): ReadonlyMap<number, number> {
  const committed = new Map<number, number>();
  const header = Buffer.alloc(WAL_HEADER_BYTES);
  if (readSync(wal, header, 0, WAL_HEADER_BYTES, 0) < WAL_HEADER_BYTES) return committed;
  const magic = header.readUInt32BE(0);
  if (magic !== MAGIC_LITTLE_ENDIAN && magic !== MAGIC_BIG_ENDIAN) return committed;
  if (header.readUInt32BE(8) !== pageSize) return committed;
  const bigEndian = magic === MAGIC_BIG_ENDIAN;
  let sum = checksum(header, 0, 24, bigEndian, [0, 0]);
  if (sum[0] !== header.readUInt32BE(24) || sum[1] !== header.readUInt32BE(28)) return committed;

  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageSize);
  const end = fstatSync(wal).size;
  const pending = new Map<number, number>();
  for (let at = WAL_HEADER_BYTES; at + frame.length <= end; at += frame.length) {
    readSync(wal, frame, 0, frame.length, at);
    if (header.compare(frame, 8, 16, 16, 24) !== 0) break;
    sum = checksum(frame, 0, 8, bigEndian, sum);
    sum = checksum(frame, FRAME_HEADER_BYTES, frame.length, bigEndian, sum);
    if (sum[0] !== frame.readUInt32BE(16) || sum[1] !== frame.readUInt32BE(20)) break;
    pending.set(frame.readUInt32BE(0), at + FRAME_HEADER_BYTES);
    if (frame.readUInt32BE(4) === 0) continue;
    for (const [page, offset] of pending) committed.set(page, offset);
    pending.clear();
  }
  return committed;
}

/**
 * Returns true if a WAL has at least this many valid frames, including those of a transaction in progress. Takes two
 * short reads; false if there is no WAL or it cannot be read. The WAL itself carries no locks, so closing it here drops
 * none.
 */
export function logReaches(path: string, frames: number): boolean {
  try {
    return reaches(path, frames);
  } catch {
    return false;
  }
}

function reaches(path: string, frames: number): boolean {
  const wal = openSync(path, 'r');
  try {
    const header = Buffer.alloc(WAL_HEADER_BYTES);
    if (readSync(wal, header, 0, WAL_HEADER_BYTES, 0) < WAL_HEADER_BYTES) return false;
    const frame = Buffer.alloc(FRAME_HEADER_BYTES);
    const at = WAL_HEADER_BYTES + (frames - 1) * (FRAME_HEADER_BYTES + header.readUInt32BE(8));
    if (readSync(wal, frame, 0, FRAME_HEADER_BYTES, at) < FRAME_HEADER_BYTES) return false;
    // Frames left from before the last restart of the WAL have older salts.
    return header.compare(frame, 8, 16, 16, 24) === 0;
  } finally {
    closeSync(wal);
  }
}

type Checksum = readonly [number, number];

function checksum(bytes: Buffer, from: number, to: number, bigEndian: boolean, before: Checksum): Checksum {
  let [a, b] = before;
  for (let at = from; at < to; at += 8) {
    a = (a + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}
