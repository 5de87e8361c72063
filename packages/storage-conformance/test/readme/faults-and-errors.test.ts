import { defineBackendConformance } from '@switchyard/storage-conformance';
import { faults } from '@switchyard/storage-conformance/faults';
import { StorageError } from '@switchyard/storage-core';

const broken = faults.find(({ name }) => name === 'loses-the-sign-of-zero');
if (broken === undefined) throw new Error('There is no such fault.');

defineBackendConformance({
  name: 'my backend, with a fault',
  create: broken.create,
  knownFaults: [
    // Vectors are kept as JSON, which has no negative zero.
    'vector-values/negative-zero-is-kept',
  ],
  provoke: {
    async STORAGE_BUSY() {
      // Here: open two connections, and let one of them hold a write transaction.
      const error = new StorageError('STORAGE_BUSY', 'Another process is writing; try again.');
      return {
        provoke: () => Promise.reject(error),
        cleanup() {
          // Here: end the transaction.
        },
      };
    },
  },
});
