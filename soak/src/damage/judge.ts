import { isDeepStrictEqual } from 'node:util';
import { FORBIDDEN_CODES } from './outcome.js';
import { stepOf } from './questions.js';
import type { CommandResult } from './run-command.js';
import type { Fault, Outcome, PlainReading, Question, SilentDifference } from './types.js';
import { LOST_WRITE } from './write-steps.js';

/** Outcomes of the steps on one store, by name of the step. */
export type Outcomes = ReadonlyMap<string, Outcome>;

type CommandOutcome = CommandResult & { readonly content?: string | null };

const isCommand = (step: string): boolean => step.startsWith('command-');
const commandOf = (outcome: Outcome | undefined): CommandOutcome | null =>
  outcome?.kind === 'answer' ? (outcome.value as CommandOutcome) : null;

/** Finds errors that are not typed, or have a code that only a bug in Switchyard produces. */
export function untypedFaults(outcomes: Outcomes): Fault[] {
  const faults: Fault[] = [];
  for (const [step, outcome] of outcomes) {
    if (outcome.kind === 'raw') {
      const isLost = outcome.message.includes(LOST_WRITE);
      faults.push({ step, kind: isLost ? 'lost-write' : 'untyped', detail: outcome.message });
    } else if (outcome.kind === 'error') {
      if (FORBIDDEN_CODES.has(outcome.code)) {
        faults.push({ step, kind: 'untyped', detail: `${outcome.code}: ${outcome.message}` });
      }
    } else if (isCommand(step)) {
      const { codes, messages } = outcome.value as CommandOutcome;
      for (const [index, code] of codes.entries()) {
        if (FORBIDDEN_CODES.has(code))
          faults.push({ step, kind: 'untyped', detail: `${code}: ${messages[index]}` });
      }
    }
  }
  return faults;
}

/** Counts typed errors by code. */
export function errorCounts(outcomes: Outcomes): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [step, outcome] of outcomes) {
    const codes =
      outcome.kind === 'error' ? [outcome.code] : isCommand(step) ? (commandOf(outcome)?.codes ?? []) : [];
    for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

/** Steps answered differently from the sound store, without an error. */
export function differentSteps(questions: readonly Question[], sound: Outcomes, damaged: Outcomes): string[] {
  const different: string[] = [];
  for (const [index, question] of questions.entries()) {
    const step = stepOf(question, index);
    const [before, after] = [sound.get(step), damaged.get(step)];
    if (before?.kind !== 'answer' || after?.kind !== 'answer') continue;
    if (!isDeepStrictEqual(before.value, after.value)) different.push(step);
  }
  for (const [step, outcome] of damaged) {
    if (!isCommand(step)) continue;
    const [before, after] = [commandOf(sound.get(step))?.content, commandOf(outcome)?.content];
    if (typeof before === 'string' && typeof after === 'string' && before !== after) different.push(step);
  }
  return different;
}

/** Separates differences that SQLite cannot detect from those that Switchyard should have reported. */
export function judgeDifferences(
  steps: readonly string[],
  questions: readonly Question[],
  damaged: Outcomes,
  plainSound: PlainReading,
  plainDamaged: PlainReading,
): { readonly silent: SilentDifference[]; readonly faults: Fault[] } {
  const changed = Object.entries(plainDamaged.objects)
    .filter(([name, value]) => !value.startsWith('error:') && plainSound.objects[name] !== value)
    .map(([name]) => name);
  for (const name of Object.keys(plainSound.objects)) {
    if (plainDamaged.objects[name] === undefined && plainDamaged.objects.schema !== undefined)
      changed.push(`${name} (gone)`);
  }
  const silent: SilentDifference[] = [];
  const faults: Fault[] = [];
  for (const step of steps) {
    const index = questions.findIndex((question, at) => stepOf(question, at) === step);
    const plain = index < 0 ? undefined : plainDamaged.answers[index];
    const outcome = damaged.get(step);
    const sameAsPlain = index >= 0 && outcome?.kind === 'answer' && isDeepStrictEqual(outcome.value, plain);
    const plainFails = typeof plain === 'string' && plain.startsWith('error:');
    // The same question to plain SQLite: it reads the row otherwise and says nothing, although reading all rows may fail.
    const plainDiffers = index >= 0 && !plainFails && !isDeepStrictEqual(plain, plainSound.answers[index]);
    if (index < 0 && !plainDamaged.rows) {
      // A command that makes a new store from an old one must ask the engine first, since the old one may be deleted.
      // The full-text index is rebuilt: SQLite cannot detect a text that only contradicts its index.
      const detail = `carried over differently without a report; integrity_check detects the damage`;
      faults.push({ step, kind: 'unseen', detail });
    } else if (sameAsPlain || plainDiffers || changed.length > 0) {
      const where = changed.length === 0 ? 'same as plain SQLite' : changed.slice(0, 4).join(', ');
      silent.push({
        step,
        sameAsPlain,
        where: plainFails ? `${where}; plain SQLite fails: ${plain}` : where,
      });
    } else {
      const reads = plainFails ? plain : `plain SQLite reads every table as before`;
      faults.push({ step, kind: 'unseen', detail: `answered differently without an error; ${reads}` });
    }
  }
  return { silent, faults };
}

/** Names of the checks that report the damage. */
export function reporters(sound: Outcomes, damaged: Outcomes): string[] {
  const found: string[] = [];
  for (const step of ['open', 'audit-fts', 'audit-vectors']) {
    const [before, after] = [sound.get(step), damaged.get(step)];
    if (after !== undefined && !isDeepStrictEqual(before, after)) found.push(step);
  }
  for (const step of ['command-doctor', 'command-check', 'command-verify']) {
    const [before, after] = [commandOf(sound.get(step)), commandOf(damaged.get(step))];
    if (before !== null && after !== null && before.exitCode === 0 && after.exitCode !== 0) found.push(step);
  }
  return found;
}
