import { getEventListeners } from 'node:events';
import { onAbort, withinCall } from '@switchyard/storage-core/backend';
import { expect, it } from 'vitest';

it('adds one listener to a signal, however many calls wait for it', async () => {
  const { signal } = new AbortController();
  const ends: (() => void)[] = [];
  const calls = Array.from({ length: 100 }, () =>
    withinCall({ signal }, 'a test', new Promise<void>((resolve) => ends.push(resolve))),
  );
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  for (const end of ends) end();
  await Promise.all(calls);
});

it('calls every function that still listens once, and none for a signal that has already aborted', () => {
  const controller = new AbortController();
  const called: string[] = [];
  const same = () => void called.push('same');
  const stop = onAbort(controller.signal, same);
  onAbort(controller.signal, same);
  onAbort(controller.signal, () => void called.push('other'));
  stop();
  stop();
  controller.abort();
  onAbort(controller.signal, () => void called.push('late'));
  expect(called).toEqual(['same', 'other']);
  expect(() => onAbort(undefined, same)()).not.toThrow();
});
