import { createHash } from 'node:crypto';
import type { CallOptions } from '@switchyard/storage-core';
import type { LogPosition } from '@switchyard/storage-core/backend';
import type { Side } from '../machine/sides.js';
import type { LibraryVerification, VerificationReport } from '../verify/verification.js';
import { type LibraryResult, verifyLibrary } from '../verify/verify-library.js';
import type { Authorities } from './authorities.js';
import type { Drains } from './drains.js';
import type { Moves } from './moves.js';
import { moving, refused } from './refusals.js';
import { type Logs, runTask } from './run-task.js';
import type { Stores } from './stores.js';

/** Options of a verification. */
export interface VerifyOptions extends CallOptions {
  /** Delivers rows that differ again, and verifies their libraries once more. Default false. */
  readonly repair?: boolean | undefined;
}

/** Dependencies of {@link Verifier}. */
export interface VerifierContext {
  readonly stores: Stores;
  readonly logs: Logs;
  readonly authorities: Authorities;
  readonly moves: Moves;
  /** Returns the drains of the open backend. */
  readonly drains: () => Drains;
}

/** Compares both stores, and repairs what differs. */
export class Verifier {
  readonly #context: VerifierContext;

  constructor(context: VerifierContext) {
    this.#context = context;
  }

  /** See `RolloutBackend.verify`. */
  async verify(options: VerifyOptions | undefined): Promise<VerificationReport> {
    const { stage } = await this.#context.authorities.control();
    // Nothing is logged in `off`, and the old store is left in `complete`.
    if (stage === 'off' || stage === 'complete') {
      throw refused(`The stores cannot be compared in '${stage}'.`, 'not-permitted');
    }
    const at = Date.now();
    const libraries: LibraryVerification[] = [];
    const epochs: Record<string, number> = {};
    let repaired = 0;
    for (const library of [...(await this.#context.moves.libraries(options))].sort()) {
      const held = await this.#holderOf(library, options);
      let result = await this.#verify(library, held.side, options);
      if (options?.repair === true && result.differing.length > 0) {
        repaired += result.differing.length;
        await this.#repair(library, held.side, result.differing, options);
        result = await this.#verify(library, held.side, options);
      }
      epochs[library] = held.epoch;
      libraries.push(result.report);
    }
    const hashes = { old: createHash('sha256'), new: createHash('sha256') };
    for (const { library, digests } of libraries) {
      hashes.old.update(`${JSON.stringify(library)} ${digests.old}\n`);
      hashes.new.update(`${JSON.stringify(library)} ${digests.new}\n`);
    }
    return {
      at,
      libraries,
      repaired,
      epochs,
      differing: libraries.reduce((sum, { differing }) => sum + differing, 0),
      undecided: libraries.reduce((sum, { undecided }) => sum + undecided, 0),
      digests: { old: hashes.old.digest('hex'), new: hashes.new.digest('hex') },
    };
  }

  async #holderOf(library: string, options: CallOptions | undefined) {
    const { authorities } = this.#context;
    authorities.forget(library);
    const found = await authorities.of(library, options);
    if (found.kind !== 'held') throw moving([library]);
    return found;
  }

  async #verify(library: string, holder: Side, options: CallOptions | undefined): Promise<LibraryResult> {
    const { stores, logs, moves, drains } = this.#context;
    const position = async (): Promise<LogPosition | null> => {
      // What a power cut took is looked for first.
      await drains().drain(library, holder, options);
      const answer = await logs[holder].takePosition(library, options);
      if ('refused' in answer) {
        if (answer.refused === 'gap-open') return null;
        throw refused(`The library '${library}' cannot be verified: ${answer.refused}.`, answer.refused);
      }
      await drains().drain(library, holder, options);
      return answer.position;
    };
    const keys = await moves.keysOf(library, options);
    return verifyLibrary({ library, holder, stores, log: logs[holder], keys, position }, options);
  }

  /** Logs rows once more. Whatever is logged is delivered before the next verification. */
  async #repair(
    library: string,
    from: Side,
    pages: readonly string[],
    options: CallOptions | undefined,
  ): Promise<void> {
    const task = { kind: 'repair', library, from, pages, state: { at: 'authority' } } as const;
    const { answer } = await runTask(this.#context.logs, task, { options });
    if (answer?.kind !== 'refused') return;
    throw refused(`The library '${library}' cannot be repaired: ${answer.reason}.`, answer.reason);
  }
}
