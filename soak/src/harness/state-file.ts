import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Results of a run, one JSON object a line, appended as they come: an interrupted run resumes after the cases it has.
 * A last line that was cut by a kill is ignored.
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
        // Cut by a kill: the case is run again.
      }
    }
  }

  has(id: string): boolean {
    return this.#results.has(id);
  }

  add(result: T): void {
    this.#results.set(result.id, result);
    // A newline first: the line before may have been cut.
    appendFileSync(this.path, `\n${JSON.stringify(result)}`);
  }

  get results(): readonly T[] {
    return [...this.#results.values()];
  }
}
