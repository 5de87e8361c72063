import type { LogPosition } from '@switchyard/storage-core/backend';

export { isAfter, isSamePosition, laterOf, ORIGIN } from '@switchyard/storage-core/backend';

/**
 * Place of a change in the history of a library. Epochs order the terms of authorities; within one, the sequence of the
 * authority's change log orders its writes.
 */
export type Position = LogPosition;
