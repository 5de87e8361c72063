import { isStorageError, type Mutation, type StorageBackend } from '@switchyard/storage-core';
import {
  type Answer,
  type Call,
  type Change,
  type PageContent,
  type Side,
  type StoreRecords,
  transact,
} from '@switchyard/storage-rollout/machine';
import { executeCall, keyOfText, sourceOf, textOfKey } from '@switchyard/storage-rollout/stores';
import { logOf } from './stores.js';

/** Library and version of every page of a twin. */
export const library = 'lib';
const version = { library, version: '1' };

/** Text of the key of a page. */
export function pageText(url: string): string {
  return textOfKey({ kind: 'page', version: '1', url });
}

/** A change as the machine has it, and as a store gave it. */
export interface TwinChange {
  readonly machine: Change;
  readonly real: Change;
}

/**
 * One side of a rollout twice: as records of the machine, and as a store. Every call goes to both, and their answers must
 * be equal. Ids and stamps may differ, but one of the machine always stands for the same one of the store.
 */
export class Twin {
  readonly side: Side;
  readonly backend: StorageBackend;
  records: StoreRecords;
  readonly #names: TwinNames;
  readonly #hasChunks: boolean;

  /** @param hasChunks Writes pages with chunks; without, a page is one row, which software without an epoch logs once. */
  constructor(
    side: Side,
    backend: StorageBackend,
    records: StoreRecords,
    names: TwinNames,
    hasChunks: boolean,
  ) {
    this.side = side;
    this.backend = backend;
    this.records = records;
    this.#names = names;
    this.#hasChunks = hasChunks;
  }

  /** Sends a call to both. @returns Answer of the machine, and of the store. @throws Error where they differ. */
  async send(
    machineCall: Call,
    realCall: Call,
  ): Promise<{ readonly machine: Answer; readonly real: Answer }> {
    const { records, answer: machine } = transact(this.records, machineCall);
    this.records = records;
    const real = await this.#execute(realCall);
    const [a, b] = [this.#plain(machine, 'machine'), this.#plain(real, 'real')];
    if (a !== b) {
      throw new Error(`${this.side}: ${JSON.stringify(machineCall)}\n  machine ${a}\n  store   ${b}`);
    }
    return { machine, real };
  }

  /** Compares the pages of both. */
  async comparePages(): Promise<void> {
    const entries = Object.entries(this.records.libraries[library]?.pages ?? {});
    const expected = entries
      .filter(([, { content }]) => content.kind === 'present')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([text, { content }]) => `${text} ${this.#names.contentOf(content, 'machine')}`);
    const snapshots = await this.backend.catalog.snapshot({ version, limit: 100 });
    const found = [...snapshots]
      .sort((a, b) => (a.page.url < b.page.url ? -1 : 1))
      .map(
        ({ page }) => `${pageText(page.url)} ${page.title ?? 'enrolled'} ${this.#names.id(page.id, 'real')}`,
      );
    const [a, b] = [expected.join('\n'), found.join('\n')];
    if (a !== b) throw new Error(`${this.side}: pages\n  machine ${a}\n  store   ${b}`);
  }

  async #execute(call: Call): Promise<Answer> {
    if (call.kind === 'search') throw new TypeError('Searches are not compared here.');
    if (call.kind !== 'write') return executeCall(logOf(this.backend), call);
    const key = keyOfText(call.page);
    if (key.kind !== 'page') throw new TypeError('Only pages are written here.');
    const vector = Float32Array.of(1, call.operation.length);
    const chunk = { content: call.operation, metadata: { types: ['text'], level: 0, path: [] }, vector };
    const isAware = call.epoch !== null;
    const mutation: Mutation =
      call.action === 'delete'
        ? { kind: 'deletePage', page: { version, url: key.url } }
        : // Software that knows nothing of the rollout has every row logged, so its pages are a row each.
          {
            kind: 'replacePage',
            version,
            page: { url: key.url, title: call.operation },
            chunks: this.#hasChunks ? [chunk] : [],
          };
    try {
      const options = isAware
        ? { epochs: { [library]: call.epoch as number }, operationId: call.operation }
        : {};
      await this.backend.apply([mutation], options);
      return { kind: 'written', position: null, repeated: false };
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_EPOCH_CHANGED')) throw error;
      const holder = (await logOf(this.backend).readAuthority(library)).authority.holder;
      return { kind: 'refused', reason: holder === this.side ? 'stale-epoch' : 'not-holder' };
    }
  }

  /** An answer as text, without what may differ. */
  #plain(answer: Answer, from: 'machine' | 'real'): string {
    const plainChange = ({ page, content, position, operations }: Change) => ({
      page,
      content: this.#names.contentOf(content, from),
      position,
      operations: known(operations)
        .map(({ operation, position: at }) => ({ operation, at }))
        .sort(byText),
    });
    switch (answer.kind) {
      case 'written':
        return 'done'; // its position is seen in what is taken
      case 'done':
        return 'done';
      case 'change':
        return JSON.stringify({ epoch: answer.epoch, change: plainChange(answer.change) });
      case 'orphans':
        return JSON.stringify([...answer.orphans].sort(byPage).map(plainChange));
      case 'page':
        return JSON.stringify({
          content: this.#names.contentOf(answer.content, from),
          operations: known(answer.operations)
            .map(({ operation }) => operation)
            .sort(),
        });
      case 'put':
        return JSON.stringify({ ...answer, boot: String(answer.boot) }, (_, value: unknown) => sorted(value));
      default:
        return JSON.stringify(answer, (_, value: unknown) => sorted(value));
    }
  }
}

/** Which id and stamp of a store stands for which one of the machine, on both sides. */
export class TwinNames {
  readonly #ids = new Map<string, string>();
  readonly #seen = { machine: new Map<string, number>(), real: new Map<string, number>() };
  readonly #stamps = new Map<string, string>();

  /** Number of an id in the order of its page and its write, which is the same for both. */
  id(id: number, from: 'machine' | 'real'): string {
    const seen = this.#seen[from];
    const known = seen.get(String(id));
    if (known !== undefined) return `id ${known}`;
    seen.set(String(id), seen.size);
    return `id ${seen.size - 1}`;
  }

  /** Name of a state: the operation that wrote it, with the number of its id. */
  contentOf(content: PageContent, from: 'machine' | 'real'): string {
    if (content.kind === 'deleted') return 'deleted';
    const id = this.id(content.id, from);
    if (from === 'machine') return `${content.write} ${id}`;
    const { row, stamp } = sourceOf(content);
    const title = row?.kind === 'page' ? (row.page.page.title ?? 'enrolled') : 'none';
    const known = this.#stamps.get(String(stamp)) ?? title;
    if (stamp !== 0 && known !== title)
      throw new Error(`Stamp ${stamp} stands for ${known} and for ${title}.`);
    this.#stamps.set(String(stamp), title);
    this.#ids.set(id, title);
    return `${title} ${id}`;
  }
}

/** Software that knows nothing of the rollout gives its writes no id. */
function known<T extends { readonly operation: string }>(operations: readonly T[]): T[] {
  return operations.filter(({ operation }) => !operation.startsWith('unaware'));
}

function byPage(a: Change, b: Change): number {
  return a.page < b.page ? -1 : 1;
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
