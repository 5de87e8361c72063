import { monitorEventLoopDelay } from 'node:perf_hooks';
import { deadlineIn } from '@switchyard/storage-core';
import { expect, test } from 'vitest';
import { openTrick, rejection } from './support/trick.js';

test('the event loop of the host is free while a child blocks', async () => {
  const { read } = await openTrick();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 10);
  delay.enable();
  await rejection(read('hang-native', { deadline: deadlineIn(2_000) }));
  delay.disable();
  clearInterval(ticking);
  // A blocked event loop would not tick at all, and its maximum delay would be two seconds.
  expect(ticks).toBeGreaterThan(20);
  expect(delay.max / 1e6).toBeLessThan(1_500);
});
