import { createHash } from 'node:crypto';
import { type MismatchClass, mismatchClasses, type Verdict } from './classify.js';

/** Version that a comparison is of. */
export interface ComparedVersion {
  readonly library: string;
  readonly version: string;
}

/** Counts of one version. No text of a document or of a query is kept. */
export interface VersionCounts extends ComparedVersion {
  /** Number of distinct questions, decided or not. */
  readonly comparisons: number;
  readonly decided: number;
  readonly mismatches: number;
  /** Number of mismatches with each class; one may have several. */
  readonly classes: Readonly<Record<MismatchClass, number>>;
}

/** Questions of a version that are told apart; beyond, a question counts as known. */
const QUESTIONS_MAX = 20_000;

interface Counter {
  readonly of: ComparedVersion;
  /** Digest of each distinct question, and true once it was decided. */
  readonly questions: Map<string, boolean>;
  decided: number;
  mismatches: number;
  readonly classes: Record<MismatchClass, number>;
}

/**
 * Counts distinct comparisons by version. A question that was undecided and is asked again counts once; a mismatch of a
 * question counts also if the same question was equal before.
 */
export class ComparisonCounts {
  readonly #versions = new Map<string, Counter>();

  /** @param question Anything that tells questions apart; only its digest is kept. */
  add(of: ComparedVersion, question: string, verdict: Verdict): void {
    const counter = this.#counterOf(of);
    const digest = createHash('sha256').update(question).digest('base64url').slice(0, 16);
    const before = counter.questions.get(digest);
    if (before === undefined && counter.questions.size >= QUESTIONS_MAX) return;
    const isDecided = verdict.kind !== 'undecided';
    counter.questions.set(digest, before === true || isDecided);
    if (!isDecided) return;
    const isMismatch = verdict.kind === 'mismatch';
    if (before === true && !isMismatch) return;
    if (before !== true) counter.decided++;
    if (!isMismatch) return;
    // A bound needs at most one mismatch a decided question.
    counter.mismatches = Math.min(counter.mismatches + 1, counter.decided);
    for (const name of verdict.classes) counter.classes[name]++;
  }

  /** Counts of all versions, by library and version. */
  versions(): readonly VersionCounts[] {
    return [...this.#versions.values()]
      .map(({ of, questions, decided, mismatches, classes }) => ({
        ...of,
        comparisons: questions.size,
        decided,
        mismatches,
        classes: { ...classes },
      }))
      .sort((a, b) => (a.library + a.version < b.library + b.version ? -1 : 1));
  }

  #counterOf(of: ComparedVersion): Counter {
    const key = JSON.stringify([of.library, of.version]);
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const classes = Object.fromEntries(mismatchClasses.map((name) => [name, 0]));
    const counter: Counter = {
      of: { library: of.library, version: of.version },
      questions: new Map(),
      decided: 0,
      mismatches: 0,
      classes: classes as Record<MismatchClass, number>,
    };
    this.#versions.set(key, counter);
    return counter;
  }
}
