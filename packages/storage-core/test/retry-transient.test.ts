import { channel } from 'node:diagnostics_channel';
import { diagnosticsChannels, isStorageError } from '@switchyard/storage-core';
import { backoff, type RetryOptions, retryTransient } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';

const conflict = new Error('could not serialize access');

/** Settings without a clock: pauses are recorded, and jitter is the given one. */
function settings(pauses: number[], more: Partial<RetryOptions> = {}): RetryOptions {
  return {
    backend: 'shelf',
    method: 'apply',
    isTransient: (error) => error === conflict,
    random: () => 0.5,
    wait: async (milliseconds) => void pauses.push(milliseconds),
    ...more,
  };
}

/** Work that conflicts a number of times. */
function conflicting(times: number) {
  const attempts: number[] = [];
  return {
    attempts,
    work: async (attempt: number) => {
      attempts.push(attempt);
      if (attempt <= times) throw conflict;
      return 'done';
    },
  };
}

describe('retryTransient', () => {
  it('repeats work that conflicted, with growing pauses, and publishes each repetition', async () => {
    const events: unknown[] = [];
    const listen = (event: unknown) => events.push(event);
    channel(diagnosticsChannels.retry).subscribe(listen);
    const pauses: number[] = [];
    const { attempts, work } = conflicting(3);
    await expect(retryTransient(work, settings(pauses))).resolves.toBe('done');
    channel(diagnosticsChannels.retry).unsubscribe(listen);
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(pauses).toEqual([3.75, 7.5, 15]);
    expect(events).toEqual(Array(3).fill({ backend: 'shelf', kind: 'retry', pid: null, methods: ['apply'] }));
  });

  it('gives up with the error of the last attempt', async () => {
    const pauses: number[] = [];
    const { attempts, work } = conflicting(99);
    await expect(retryTransient(work, settings(pauses, { attemptsMax: 4 }))).rejects.toBe(conflict);
    expect([attempts.length, pauses.length]).toEqual([4, 3]);
    const many: number[] = [];
    await expect(retryTransient(work, settings(many))).rejects.toBe(conflict);
    expect(many.length).toBe(9);
    expect(Math.max(...many)).toBeLessThanOrEqual(500);
  });

  it('does not repeat after other errors', async () => {
    const other = new Error('connection lost');
    const attempts: number[] = [];
    const work = (attempt: number) => {
      attempts.push(attempt);
      throw other;
    };
    await expect(retryTransient(work, settings([]))).rejects.toBe(other);
    expect(attempts).toEqual([1]);
  });

  it('does not wait beyond the deadline', async () => {
    const pauses: number[] = [];
    const { attempts, work } = conflicting(9);
    const call = retryTransient(work, settings(pauses, { backoff: { baseMs: 1e6, maxMs: 1e6 } }), {
      deadline: Date.now() + 60_000,
    });
    const error = await call.catch((reason: unknown) => reason);
    expect(isStorageError(error, 'STORAGE_TIMEOUT') && [error.outcome, error.cause]).toEqual([
      'not-applied',
      conflict,
    ]);
    expect([attempts, pauses]).toEqual([[1], []]);
  });

  it('ends the wait at an abort', async () => {
    const controller = new AbortController();
    const wait = () => {
      controller.abort();
      return new Promise(() => undefined);
    };
    const { attempts, work } = conflicting(9);
    const call = retryTransient(work, settings([], { wait }), { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ code: 'STORAGE_ABORTED', outcome: 'not-applied' });
    expect(attempts).toEqual([1]);
  });
});

describe('backoff', () => {
  it('doubles up to a limit, with jitter in the upper half', () => {
    const pauses = (random: number) =>
      [1, 2, 3, 4, 60].map((attempt) => backoff(attempt, { baseMs: 10, maxMs: 50 }, () => random));
    expect(pauses(0)).toEqual([5, 10, 20, 25, 25]);
    expect(pauses(0.99).map(Math.round)).toEqual([10, 20, 40, 50, 50]);
  });
});
