import type { StorageBackend } from '@switchyard/storage-core';
import { show } from '../support/show.js';

/** Number of calls that a failure message repeats. */
const MAX_CALLS = 4;

/** Ports of a backend whose calls are recorded too. */
const ports = ['catalog', 'vectors', 'fts', 'staging', 'migrator', 'annIndexes', 'maintenance'];

type Call = readonly [name: string, args: readonly unknown[]];

/** Records the last calls of the backends of one test, so that a failure message can show the query it is about. */
export class CallTrace {
  readonly #calls: Call[] = [];
  readonly #traced = new WeakMap<object, object>();
  readonly #kept = new WeakMap<object, string>();

  /** Returns the backend with its calls recorded. Equal backends give equal results. */
  trace(backend: StorageBackend): StorageBackend {
    return this.#trace(backend, '') as StorageBackend;
  }

  /** Remembers the last calls with an error that is reported later, after other calls. */
  keep(error: unknown): void {
    if (typeof error === 'object' && error !== null) this.#kept.set(error, this.describe());
  }

  /** Describes the last calls before an error, one per line, the latest last; empty without calls. */
  describe(error?: object): string {
    const kept = error === undefined ? undefined : this.#kept.get(error);
    if (kept !== undefined) return kept;
    return this.#calls
      .map(([name, args]) => `  ${name}(${args.map((arg) => show(arg)).join(', ')})`)
      .join('\n');
  }

  #trace(target: object, prefix: string): object {
    const known = this.#traced.get(target);
    if (known !== undefined) return known;
    const traced = new Proxy(target, {
      get: (_, key) => {
        // The target itself is the receiver: private members exist on no proxy.
        const value: unknown = Reflect.get(target, key, target);
        if (typeof key !== 'string' || isFixed(target, key)) return value;
        if (typeof value === 'function') return this.#record(target, `${prefix}${key}`, value as Method);
        const isPort = prefix === '' && ports.includes(key) && typeof value === 'object' && value !== null;
        return isPort ? this.#trace(value, `${key}.`) : value;
      },
      set: (_, key, value) => Reflect.set(target, key, value, target),
    });
    this.#traced.set(target, traced);
    return traced;
  }

  #record(target: object, name: string, method: Method): Method {
    return (...args) => {
      this.#calls.push([name, args]);
      if (this.#calls.length > MAX_CALLS) this.#calls.shift();
      return method.apply(target, args);
    };
  }
}

type Method = (...args: unknown[]) => unknown;

/** A proxy must return such a property unchanged. */
function isFixed(target: object, key: string): boolean {
  const property = Object.getOwnPropertyDescriptor(target, key);
  return property?.configurable === false && property.writable === false;
}
