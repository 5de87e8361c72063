import { channel } from 'node:diagnostics_channel';
import { type Client, ProviderEvents } from '@openfeature/server-sdk';
import type { Ceiling } from '../machine/ceiling.js';
import { isStage, type Stage } from '../machine/stages.js';

/** Settings of {@link FlagCeiling}. */
export interface FlagCeilingOptions {
  /** Client of OpenFeature, with any provider. */
  readonly client: Client;
  /** Key of the flag, whose value is the name of a stage. Default `switchyard-stage`. */
  readonly flagKey?: string | undefined;
  /** Time between two evaluations, in milliseconds. Default 10,000. */
  readonly intervalMs?: number | undefined;
  /** Time after which an evaluation counts as failed, in milliseconds. Default 2,000. */
  readonly deadlineMs?: number | undefined;
  /** Called with every ceiling that differs from the one before, for logs. Default: a process warning when unknown. */
  readonly onChange?: ((ceiling: Ceiling) => void) | undefined;
}

/** Channel of `node:diagnostics_channel` on which every change of a ceiling is published. */
export const CEILING_CHANNEL = 'switchyard:rollout:ceiling';

/** Maximum number of evaluations that may hang before no further one is begun. */
const MAX_HANGING = 4;

const changes = channel(CEILING_CHANNEL);

/**
 * Ceiling of the stage, evaluated in the background. Reading it never waits: a provider that hangs, fails, is missing or
 * has the flag disabled makes the ceiling unknown, which moves no traffic (see {@link Ceiling}).
 * `docs/concepts/rollout.md` shows its use.
 */
export class FlagCeiling {
  readonly #client: Client;
  readonly #flagKey: string;
  readonly #deadlineMs: number;
  readonly #onChange: (ceiling: Ceiling) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #refreshSoon = (): void => void this.refresh();
  #current: Ceiling = { kind: 'unknown', reason: 'The flag was not evaluated yet.', last: null };
  #hanging = 0;
  #newest = 0;
  #isClosed = false;

  /** Begins to evaluate the flag, now and at every interval. Does not keep the process alive. */
  constructor({ client, flagKey, intervalMs, deadlineMs, onChange }: FlagCeilingOptions) {
    this.#client = client;
    this.#flagKey = flagKey ?? 'switchyard-stage';
    this.#deadlineMs = positive('deadlineMs', deadlineMs ?? 2000);
    this.#onChange = onChange ?? warn;
    this.#timer = setInterval(this.#refreshSoon, positive('intervalMs', intervalMs ?? 10_000));
    this.#timer.unref();
    this.#client.addHandler(ProviderEvents.ConfigurationChanged, this.#refreshSoon);
    this.#client.addHandler(ProviderEvents.Ready, this.#refreshSoon);
    this.#refreshSoon();
  }

  /** Ceiling as it was last evaluated. */
  get current(): Ceiling {
    return this.#current;
  }

  /** Evaluates the flag now. Resolves by the deadline and never rejects. */
  async refresh(): Promise<Ceiling> {
    if (this.#isClosed) return this.#current;
    const turn = ++this.#newest;
    const found = await this.#evaluate();
    // A late answer does not replace that of a later question.
    if (turn === this.#newest && !this.#isClosed) this.#become(found);
    return this.#current;
  }

  /** Ends the evaluations. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#client.removeHandler(ProviderEvents.ConfigurationChanged, this.#refreshSoon);
    this.#client.removeHandler(ProviderEvents.Ready, this.#refreshSoon);
  }

  /** Stage of the flag, or the reason why there is none. */
  async #evaluate(): Promise<{ readonly stage: Stage } | { readonly reason: string }> {
    if (this.#hanging >= MAX_HANGING) {
      return { reason: `${this.#hanging} evaluations of the flag hang; the provider does not answer.` };
    }
    this.#hanging++;
    const answer = this.#ask().finally(() => this.#hanging--);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<{ readonly reason: string }>((resolve) => {
      const reason = `The provider did not answer within ${this.#deadlineMs} ms.`;
      timer = setTimeout(resolve, this.#deadlineMs, { reason });
      timer.unref();
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(): Promise<{ readonly stage: Stage } | { readonly reason: string }> {
    try {
      // An error, a disabled flag and a missing provider all give this default, which no flag has as its value.
      const { value, reason, errorCode } = await this.#client.getStringDetails(this.#flagKey, '');
      if (isStage(value)) return { stage: value };
      if (value !== '')
        return { reason: `The flag has the value '${value.slice(0, 40)}', which is no stage.` };
      return { reason: `The flag has no value: ${[reason, errorCode].filter(Boolean).join(', ')}.` };
    } catch (error) {
      return {
        reason: `The evaluation failed: ${error instanceof Error ? error.message : 'no reason given'}.`,
      };
    }
  }

  #become(found: { readonly stage: Stage } | { readonly reason: string }): void {
    const before = this.#current;
    const last = before.kind === 'known' ? before.stage : before.last;
    this.#current =
      'stage' in found
        ? { kind: 'known', stage: found.stage }
        : { kind: 'unknown', reason: found.reason, last };
    if (JSON.stringify(before) === JSON.stringify(this.#current)) return;
    changes.publish(this.#current);
    this.#onChange(this.#current);
  }
}

function positive(name: string, value: number): number {
  if (!(value > 0) || value > 2 ** 31 - 1) {
    throw new TypeError(`${name} must be a number of milliseconds from 1 to 2^31 − 1, not ${value}.`);
  }
  return value;
}

/** The default of `onChange`: an unknown flag is not to pass unnoticed. */
function warn(ceiling: Ceiling): void {
  if (ceiling.kind === 'known') return;
  const effect =
    ceiling.last === null ? 'The persisted stage stays' : `Reads stay at '${ceiling.last}' or below`;
  process.emitWarning(`The flag of the rollout is unknown. ${ceiling.reason} ${effect}.`, {
    type: 'SwitchyardRolloutWarning',
  });
}
