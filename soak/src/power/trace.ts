import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type DiskEvent, isVolatile, MARKS } from './events.js';

/** System calls that change files, as named by strace. */
export const TRACED =
  'openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2';

const CALL = /^(\d+) +(\w+)\((.*)$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;
const RESULT = /\) += (-?\d+)/;

/** Parses the output of `strace -f -y -xx` and keeps the calls that concern one folder. */
export async function readTrace(file: string, folder: string): Promise<DiskEvent[]> {
  const reader = new TraceReader(folder);
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) reader.line(line);
  return reader.events;
}

class TraceReader {
  readonly events: DiskEvent[] = [];
  readonly #folder: string;
  readonly #known = new Set<string>();
  /** Syncs in progress, by thread; each covers the changes before it. */
  readonly #syncs = new Map<string, { readonly path: string; readonly since: number }>();
  #marks = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  line(line: string): void {
    const [, thread = '', call = '', rest = ''] = CALL.exec(line) ?? [];
    if (call !== '') {
      this.#call(thread, call, rest);
      return;
    }
    const [, waiting = '', resumed = '', end = ''] = RESUMED.exec(line) ?? [];
    if (resumed === 'fsync' || resumed === 'fdatasync') this.#synced(waiting, end);
  }

  #call(thread: string, call: string, rest: string): void {
    if (call === 'fsync' || call === 'fdatasync') {
      const path = descriptorPath(rest);
      if (path !== null) this.#syncs.set(thread, { path, since: this.events.length });
      if (!rest.includes('<unfinished')) this.#synced(thread, rest);
      return;
    }
    const result = RESULT.exec(rest);
    if (result !== null && Number(result[1]) < 0) return;
    if (call === 'write' || call === 'pwrite64') this.#write(call, rest);
    else if (call === 'ftruncate') this.#truncate(rest);
    else this.#names(call, rest);
  }

  #synced(thread: string, end: string): void {
    const sync = this.#syncs.get(thread);
    this.#syncs.delete(thread);
    if (sync === undefined || !/= 0/.test(end)) return;
    if (sync.path === this.#folder) this.events.push({ kind: 'sync-folder', since: sync.since });
    else {
      const name = this.#nameOf(sync.path);
      if (name !== null) this.events.push({ kind: 'sync', name, since: sync.since });
    }
  }

  #write(call: string, rest: string): void {
    const name = this.#nameOf(descriptorPath(rest));
    if (name === null) return;
    const [, text = '', tail = ''] = /, "((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?, (.*)$/.exec(rest) ?? [];
    const data = unhex(text);
    if (name === MARKS) {
      this.#mark(data.toString());
      return;
    }
    const [length, offset] = tail.split(/[,)]/).map((part) => Number.parseInt(part, 10));
    if (call === 'write') throw new Error(`A write without a place in ${name}.`);
    if (data.length !== length) throw new Error(`The trace contains ${data.length} of ${length} bytes.`);
    this.events.push({ kind: 'write', name, offset: offset as number, data });
  }

  #mark(text: string): void {
    const lines = (this.#marks + text).split('\n');
    this.#marks = lines.pop() ?? '';
    for (const line of lines) this.events.push({ kind: 'mark', text: line });
  }

  #truncate(rest: string): void {
    const name = this.#nameOf(descriptorPath(rest));
    const size = Number(/, (\d+)/.exec(rest)?.[1]);
    if (name !== null) this.events.push({ kind: 'truncate', name, size });
  }

  #names(call: string, rest: string): void {
    const paths = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) =>
      unhex(text).toString(),
    );
    const name = this.#nameOf(paths[0] ?? null);
    if (name === null || name === MARKS) return;
    if (call === 'openat') {
      if (!rest.includes('O_CREAT') || this.#known.has(name)) return;
      this.#known.add(name);
      this.events.push({ kind: 'create', name });
    } else if (call.startsWith('unlink')) {
      this.#known.delete(name);
      this.events.push({ kind: 'unlink', name });
    } else {
      const to = this.#nameOf(paths[1] ?? null);
      if (to === null) throw new Error(`${name} was moved out of the folder.`);
      this.#known.delete(name);
      this.#known.add(to);
      this.events.push({ kind: 'rename', name, to });
    }
  }

  #nameOf(path: string | null): string | null {
    if (path === null || !path.startsWith(`${this.#folder}/`)) return null;
    const name = path.slice(this.#folder.length + 1);
    return isVolatile(name) ? null : name;
  }
}

/** Path that `-y` shows after a descriptor. */
function descriptorPath(rest: string): string | null {
  const [, text] = /^\d+<((?:\\x[0-9a-f]{2})+)>/.exec(rest) ?? [];
  return text === undefined ? null : unhex(text).toString();
}

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
