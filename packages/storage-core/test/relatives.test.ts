import { selectRelatives } from '@switchyard/storage-core/backend';
import { expect, it } from 'vitest';

const outline = [
  { id: 1, path: ['a'] },
  { id: 2, path: ['a', 'b'] },
  { id: 3, path: ['a', 'b'] },
  { id: 4, path: ['a', 'b', 'c'] },
  { id: 5, path: ['a'] },
  { id: 6, path: ['a', 'b'] },
  { id: 7, path: ['x', 'b'] },
  { id: 8, path: [] },
  { id: 9, path: [] },
  { id: 10, path: ['z'] },
];
const all = { parent: true, children: 9, precedingSiblings: 9, subsequentSiblings: 9 };

it('finds parent, children and siblings on the page', () => {
  expect(selectRelatives(outline, 6, all)).toEqual({
    parent: 5,
    children: [],
    precedingSiblings: [2, 3],
    subsequentSiblings: [],
  });
  expect(selectRelatives(outline, 1, all)).toEqual({
    parent: null,
    children: [2, 3, 6],
    precedingSiblings: [],
    subsequentSiblings: [5],
  });
  expect(selectRelatives(outline, 8, all)).toMatchObject({ children: [10], subsequentSiblings: [9] });
  // Chunks at the top, also below one without a path, and one whose parent path stands nowhere, have no parent.
  expect(selectRelatives(outline, 8, all).parent).toBeNull();
  expect(selectRelatives(outline, 10, all).parent).toBeNull();
  expect(selectRelatives(outline, 7, all).parent).toBeNull();
});

it('returns the nearest up to a limit, in page order; none without a limit', () => {
  expect(selectRelatives(outline, 6, { precedingSiblings: 1 }).precedingSiblings).toEqual([3]);
  expect(selectRelatives(outline, 1, { children: 2 }).children).toEqual([2, 3]);
  expect(selectRelatives(outline, 2, { subsequentSiblings: 1 }).subsequentSiblings).toEqual([3]);
  expect(selectRelatives(outline, 6, {})).toEqual({
    parent: null,
    children: [],
    precedingSiblings: [],
    subsequentSiblings: [],
  });
});
