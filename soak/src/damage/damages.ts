import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Random } from '../harness/random.js';

/** One way of damaging a store. Works on bytes; {@link applies} excludes stores that lack the part it damages. */
export interface Damage {
  readonly name: string;
  readonly needsLog: boolean;
  /** Damages the store and describes where. */
  apply(file: string, random: Random): string;
}

const HEADER_BYTES = 100;
const FRAME_HEADER = 24;
const LOG_HEADER = 32;

function edit(file: string, change: (bytes: Buffer) => string | { bytes: Buffer; detail: string }): string {
  const before = readFileSync(file);
  const result = change(before);
  const after = typeof result === 'string' ? before : result.bytes;
  writeFileSync(file, after);
  return typeof result === 'string' ? result : result.detail;
}

function pageSize(bytes: Buffer): number {
  const size = bytes.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}

function flip(bytes: Buffer, from: number, to: number, count: number, random: Random): string {
  const places = Array.from({ length: count }, () => {
    const at = from + random.below(to - from);
    const bit = random.below(8);
    bytes[at] = (bytes[at] as number) ^ (1 << bit);
    return `${at}.${bit}`;
  });
  return `flipped ${places.join(' ')}`;
}

/** Chooses a random page other than the first one. */
function somePage(bytes: Buffer, random: Random): { at: number; size: number; number: number } {
  const size = pageSize(bytes);
  const pages = Math.floor(bytes.length / size);
  const number = 2 + random.below(Math.max(1, pages - 1));
  return { at: (number - 1) * size, size, number };
}

const log = (file: string): string => `${file}-wal`;

function frames(bytes: Buffer): { size: number; count: number } {
  const size = bytes.readUInt32BE(8) + FRAME_HEADER;
  return { size, count: Math.floor((bytes.length - LOG_HEADER) / size) };
}

/** Every kind of damage. */
export const damages: readonly Damage[] = [
  {
    name: 'bits',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => flip(bytes, HEADER_BYTES, bytes.length, 1 + random.below(16), random)),
  },
  {
    name: 'header-bits',
    needsLog: false,
    apply: (file, random) => edit(file, (bytes) => flip(bytes, 0, HEADER_BYTES, 1 + random.below(3), random)),
  },
  {
    name: 'schema-bits',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => flip(bytes, HEADER_BYTES, pageSize(bytes), 1 + random.below(6), random)),
  },
  {
    name: 'page-header-bits',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => {
        const page = somePage(bytes, random);
        return `page ${page.number}: ${flip(bytes, page.at, page.at + 24, 1 + random.below(3), random)}`;
      }),
  },
  {
    name: 'text-bits',
    needsLog: false,
    // The eighth bit of letters: bytes that are not UTF-8.
    apply: (file, random) =>
      edit(file, (bytes) => {
        const places: number[] = [];
        for (let i = 0; i < 4; i++) {
          const at = bytes.indexOf(
            random.pick([' store', ' page', ' index', 'Title', '"types"', 'http']),
            random.below(bytes.length),
          );
          if (at < 0) continue;
          const place = at + 1 + random.below(4);
          bytes[place] = (bytes[place] as number) | 0x80;
          places.push(place);
        }
        return `eighth bit of ${places.join(' ')}`;
      }),
  },
  {
    name: 'truncated',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => {
        const size = pageSize(bytes);
        const length = random.below(bytes.length);
        const kept = random.chance(0.5) ? length - (length % size) : length;
        return { bytes: bytes.subarray(0, kept), detail: `cut to ${kept} of ${bytes.length}` };
      }),
  },
  {
    name: 'swapped-pages',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => {
        const [a, b] = [somePage(bytes, random), somePage(bytes, random)];
        const copy = Buffer.from(bytes.subarray(a.at, a.at + a.size));
        bytes.copy(bytes, a.at, b.at, b.at + b.size);
        copy.copy(bytes, b.at);
        return `pages ${a.number} and ${b.number}`;
      }),
  },
  {
    name: 'misplaced-page',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => {
        const [a, b] = [somePage(bytes, random), somePage(bytes, random)];
        bytes.copy(bytes, a.at, b.at, b.at + b.size);
        return `page ${b.number} also at ${a.number}`;
      }),
  },
  {
    name: 'zeroed-page',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => {
        const page = somePage(bytes, random);
        const sectors = random.chance(0.5) ? page.size : 512;
        bytes.fill(0, page.at, page.at + sectors);
        return `${sectors} bytes of page ${page.number}`;
      }),
  },
  {
    name: 'noise-page',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => {
        const page = somePage(bytes, random);
        for (let at = page.at; at < Math.min(page.at + page.size, bytes.length); at++)
          bytes[at] = random.below(256);
        return `page ${page.number}`;
      }),
  },
  {
    name: 'noise-at-end',
    needsLog: false,
    apply: (file, random) =>
      edit(file, (bytes) => {
        const noise = Buffer.from(Array.from({ length: 1 + random.below(9_000) }, () => random.below(256)));
        return { bytes: Buffer.concat([bytes, noise]), detail: `${noise.length} bytes` };
      }),
  },
  {
    name: 'noise-as-log',
    needsLog: false,
    apply: (file, random) => {
      const suffix = random.pick(['-wal', '-journal']);
      const noise = Buffer.from(Array.from({ length: 1 + random.below(20_000) }, () => random.below(256)));
      // Every other one begins like a WAL, so that it is read.
      if (random.chance(0.5))
        Buffer.from(suffix === '-wal' ? '377f0682' : 'd9d505f920a163d7', 'hex').copy(noise);
      writeFileSync(file + suffix, noise);
      return `${noise.length} bytes as ${suffix}`;
    },
  },
  {
    name: 'log-bits',
    needsLog: true,
    apply: (file, random) =>
      edit(log(file), (bytes) => flip(bytes, 0, bytes.length, 1 + random.below(8), random)),
  },
  {
    name: 'log-truncated',
    needsLog: true,
    apply: (file, random) =>
      edit(log(file), (bytes) => {
        const length = random.below(bytes.length);
        return { bytes: bytes.subarray(0, length), detail: `cut to ${length} of ${bytes.length}` };
      }),
  },
  {
    name: 'log-frames-swapped',
    needsLog: true,
    apply: (file, random) =>
      edit(log(file), (bytes) => {
        const { size, count } = frames(bytes);
        const [a, b] = [random.below(count), random.below(count)];
        const copy = Buffer.from(bytes.subarray(LOG_HEADER + a * size, LOG_HEADER + (a + 1) * size));
        bytes.copy(bytes, LOG_HEADER + a * size, LOG_HEADER + b * size, LOG_HEADER + (b + 1) * size);
        copy.copy(bytes, LOG_HEADER + b * size);
        return `frames ${a} and ${b}`;
      }),
  },
  {
    name: 'log-zeroed',
    needsLog: true,
    apply: (file, random) =>
      edit(log(file), (bytes) => {
        const at = random.below(bytes.length);
        const length = Math.min(4_096, bytes.length - at);
        bytes.fill(0, at, at + length);
        return `${length} bytes at ${at}`;
      }),
  },
  {
    name: 'log-gone',
    needsLog: true,
    apply: (file) => {
      rmSync(log(file));
      return 'the log was removed';
    },
  },
];

/** Returns the kinds of damage that fit a store. */
export function damagesFor(file: string): readonly Damage[] {
  const hasLog = existsSync(log(file)) && statSync(log(file)).size > 2 * 4_096;
  return damages.filter(({ needsLog }) => hasLog || !needsLog);
}
