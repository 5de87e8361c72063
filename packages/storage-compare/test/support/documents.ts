import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { copyStore, DocumentStore, type Embedder, type StorageBackend } from '@switchyard/storage-core';

const DIMENSION = 16;

/** Texts that share words are near each other; lengths differ, so that the metric matters. */
export const embedder: Embedder = {
  model: 'test:words',
  dimension: DIMENSION,
  available: true,
  embed: async (texts) => texts.map(vectorOf),
};

/** The vector of a text. */
export function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(DIMENSION);
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? ['']) {
    let hash = 2166136261;
    for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
    for (let i = 0; i < DIMENSION; i++) {
      const bits = Math.imul(hash ^ (i * 0x9e3779b9), 0x85ebca6b) >>> 0;
      vector[i] = (vector[i] as number) + bits / 2 ** 32 - 0.5;
    }
  }
  return vector;
}

const subjects = [
  'router',
  'plugin',
  'logger',
  'schema',
  'request',
  'reply',
  'stream',
  'cache',
  'worker',
  'socket',
];
const verbs = [
  ['register', 'registering', 'registered'],
  ['configure', 'configuring', 'configured'],
  ['validate', 'validating', 'validated'],
  ['serialize', 'serializing', 'serialized'],
  ['abort', 'aborting', 'aborted'],
  ['retry', 'retrying', 'retried'],
  ['encode', 'encoding', 'encoded'],
  ['measure', 'measuring', 'measured'],
] as const;
const verb = (index: number) => verbs[index % verbs.length] as (typeof verbs)[number];

/** Sixty pages of a small library, each of three chunks. */
export async function makeStore(backend: StorageBackend = new MemoryBackend()): Promise<DocumentStore> {
  const store = await DocumentStore.open({ backend, embedder, metric: 'l2' });
  const pages = Array.from({ length: 60 }, (_, p) => {
    const subject = subjects[p % 10] as string;
    const [base, progressive, past] = verb(p * 3);
    return {
      url: `https://docs.example/${subject}/${base}-${p}`,
      title: `${base} the ${subject}`,
      chunks: [
        `You can ${base} a ${subject} before the server listens. Page ${p}.`,
        `Options for ${progressive} the ${subject}: timeout, size ${p} and the name of the ${subjects[(p + 3) % 10]}.`,
        `When ${past} ${'very '.repeat(p % 7)}late, the ${subject} throws an error about the ${subjects[(p + 7) % 10]}.`,
      ].map((content, index) => ({
        content,
        metadata: { types: ['text'], level: 2, path: [`${subject} guide`, `Part ${index}`] },
      })),
    };
  });
  await store.addPages('guide', '1.0.0', pages);
  return store;
}

/** Queries about the library. */
export function makeQueries(stores: number, limit = 10) {
  return subjects.flatMap((subject, index) =>
    [`${verb(index)[0]} ${subject}`, `errors of ${subject}s when ${verb(index + 2)[1]}`].map(
      (text, form) => ({
        library: 'guide',
        version: '1.0.0',
        text,
        limit,
        intent: form === 0 ? 'look-up' : 'troubleshooting',
        vectors: Array.from({ length: stores }, () => vectorOf(text)),
      }),
    ),
  );
}

/** A copy in memory, opened. */
export async function copyOf(store: DocumentStore): Promise<DocumentStore> {
  const target = new MemoryBackend();
  await target.open();
  await copyStore(store.backend, target);
  return DocumentStore.open({ backend: target, embedder });
}
