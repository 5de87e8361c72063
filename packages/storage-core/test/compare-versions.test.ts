import { compareVersionsNewestFirst } from '@switchyard/storage-core';
import { expect, it } from 'vitest';

it('sorts the unversioned one first, then newest first, then names that are not semantic versions', () => {
  const names = [
    '1.0.0-β+build.7',
    'latest',
    '2.0.0',
    '',
    '10.1.0',
    '2.0.0-rc.10',
    '2.0.0-rc.2',
    '2',
    'v3.1',
    'canary',
    '1.0.0',
  ];
  expect([...names].sort(compareVersionsNewestFirst)).toEqual([
    '',
    '10.1.0',
    'v3.1',
    '2',
    '2.0.0',
    '2.0.0-rc.10',
    '2.0.0-rc.2',
    '1.0.0',
    '1.0.0-β+build.7',
    'canary',
    'latest',
  ]);
});
