import { createHash } from 'node:crypto';
import type { CallOptions } from '@switchyard/storage-core';
import type { LogPosition } from '@switchyard/storage-core/backend';
import type { LibraryVerification, VerificationReport } from '../verify/verification.js';
import { verifyLibrary } from '../verify/verify-library.js';
import type { Authorities } from './authorities.js';
import type { Drains } from './drains.js';
import type { Moves } from './moves.js';
import { moving, refused } from './refusals.js';
import type { Logs } from './run-task.js';
import type { Stores } from './stores.js';

/** Dependencies of {@link Verifier}. */
export interface VerifierContext {
  readonly stores: Stores;
  readonly logs: Logs;
  readonly authorities: Authorities;
  readonly moves: Moves;
  /** Returns the drains of the open backend. */
  readonly drains: () => Drains;
}

/** Compares both stores, and remembers the last result of this process. */
export class Verifier {
  readonly #context: VerifierContext;
  #last: VerificationReport | null = null;

  constructor(context: VerifierContext) {
    this.#context = context;
  }

  /** Last verification of this process; null if there was none. */
  get last(): VerificationReport | null {
    return this.#last;
  }

  /** See `RolloutBackend.verify`. */
  async verify(options: CallOptions | undefined): Promise<VerificationReport> {
    const at = Date.now();
    const libraries: LibraryVerification[] = [];
    for (const library of [...(await this.#context.moves.libraries(options))].sort()) {
      libraries.push(await this.#verify(library, options));
    }
    const hashes = { old: createHash('sha256'), new: createHash('sha256') };
    for (const { library, digests } of libraries) {
      hashes.old.update(`${JSON.stringify(library)} ${digests.old}\n`);
      hashes.new.update(`${JSON.stringify(library)} ${digests.new}\n`);
    }
    this.#last = {
      at,
      libraries,
      differing: libraries.reduce((sum, { differing }) => sum + differing, 0),
      undecided: libraries.reduce((sum, { undecided }) => sum + undecided, 0),
      digests: { old: hashes.old.digest('hex'), new: hashes.new.digest('hex') },
    };
    return this.#last;
  }

  async #verify(library: string, options: CallOptions | undefined): Promise<LibraryVerification> {
    const { stores, logs, authorities, moves, drains } = this.#context;
    authorities.forget(library);
    const found = await authorities.of(library, options);
    if (found.kind !== 'held') throw moving([library]);
    const holder = found.side;
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
}
