import { type CallOptions, digestStore, type StorageBackend } from '@switchyard/storage-core';
import { below, type Random, seededRandom } from '../statistics/random.js';

/** A query made from what a store holds. */
export interface SampledQuery {
  readonly library: string;
  readonly version: string;
  readonly text: string;
  /** `heading` or `sentence`. */
  readonly intent: 'heading' | 'sentence';
  /** Vector of the chunk that the text stands in, for stores whose model is not at hand; null when it has none. */
  readonly chunkVector: Float32Array | null;
}

/** Options of {@link sampleQueries}. */
export interface SampleOptions extends CallOptions {
  readonly count: number;
  readonly seed: number;
}

const LENGTH_MIN = 12;
const LENGTH_MAX = 160;

/**
 * Draws queries from the headings and sentences of a store, half of each, every chunk being equally likely. The same
 * store and seed give the same queries.
 *
 * @returns Fewer than `count` when the store has no more.
 */
export async function sampleQueries(
  backend: StorageBackend,
  { count, seed, signal, deadline }: SampleOptions,
): Promise<SampledQuery[]> {
  const random = seededRandom(seed);
  const headings = new Reservoir<SampledQuery>(Math.ceil(count / 2), random);
  const sentences = new Reservoir<SampledQuery>(Math.floor(count / 2), random);
  const seen = new Set<string>();
  await digestStore(backend, {
    signal,
    deadline,
    onPage: ({ chunks }, { library, name: version }) => {
      for (const { content, metadata, vector } of chunks) {
        const heading = plain(metadata.path.at(-1) ?? '');
        const sentence = pick(sentencesOf(content), random);
        const offer = (
          to: Reservoir<SampledQuery>,
          text: string | undefined,
          intent: SampledQuery['intent'],
        ) => {
          if (text === undefined || text.length < 3 || seen.has(`${library}@${version} ${text}`)) return;
          seen.add(`${library}@${version} ${text}`);
          to.offer(() => ({
            library,
            version,
            text,
            intent,
            chunkVector: vector === null ? null : vector.slice(),
          }));
        };
        offer(headings, heading, 'heading');
        offer(sentences, sentence, 'sentence');
      }
    },
  });
  return [...headings.items, ...sentences.items];
}

/** A uniform sample of a stream of unknown length. */
class Reservoir<T> {
  readonly items: T[] = [];
  readonly #size: number;
  readonly #random: Random;
  #offered = 0;

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  offer(make: () => T): void {
    this.#offered += 1;
    if (this.items.length < this.#size) {
      this.items.push(make());
      return;
    }
    const at = below(this.#random, this.#offered);
    if (at < this.#size) this.items[at] = make();
  }
}

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list.length === 0 ? undefined : list[below(random, list.length)];
}

/** Sentences of prose, without code blocks and Markdown marks. */
export function sentencesOf(content: string): string[] {
  return content
    .replaceAll(/^(```|~~~)[\s\S]*?(?:^\1|$(?![\s\S]))/gm, '\n\n')
    .split(/\n\s*\n|\n(?=[-*#>|])|(?<=[.!?])\s+(?=[\p{Lu}\d`"'])/u)
    .map(plain)
    .filter(
      (text) => text.length >= LENGTH_MIN && text.length <= LENGTH_MAX && /\p{L}+\s+\p{L}+/u.test(text),
    );
}

function plain(text: string): string {
  return text
    .replace(/^\s*(?:[-*+]|\d+\.)\s+/, '')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[`*_#>|]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
