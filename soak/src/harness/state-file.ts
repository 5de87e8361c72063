import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Results of a run, one JSON object per line, appended as they arrive: an interrupted run resumes after the recorded
 * cases. Ignores a last line that was truncated by a kill.
 */
export class StateFile<T extends { readonly id: string }> {
  readonly path: string;
  readonly #results = new Map<string, T>();

  /** @param fresh Discards the results of an earlier run. */
  constructor(path: string, fresh: boolean) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (fresh) rmSync(path, { force: true });
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      try {
        const result = JSON.parse(line) as T;
        this.#results.set(result.id, result);
      } catch {
        // Truncated by a kill: the case is run again.
      }
    }
  }

  has(id: string): boolean {
    return this.#results.has(id);
  }

  add(result: T): void {
    this.#results.set(result.id, result);
    // A newline first: the previous line may be truncated.
    appendFileSync(this.path, `\n${JSON.stringify(result)}`);
  }

  get results(): readonly T[] {
    return [...this.#results.values()];
  }
}
