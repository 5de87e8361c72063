import { startSqld } from '@switchyard/sqld';
import { deadlineIn } from '@switchyard/storage-core';
import { expect, it, vi } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';

/** More of them in a long run: `SWITCHYARD_REPLICA_SERVERS=20`. */
const SERVERS = Number(process.env.SWITCHYARD_REPLICA_SERVERS ?? 2);

describeWithSqld('a server that is itself a replica of another', () => {
  it.each(['inline', 'process'])(
    'takes a new store, whose first reads find its tables (isolation=%s)',
    { timeout: 30_000 * SERVERS },
    async (isolation) => {
      for (let round = 0; round < SERVERS; round++) {
        const primary = await startSqld({ grpc: true });
        const replica = await startSqld({ primaryGrpcUrl: primary.grpcUrl ?? '' });
        const store = connect(`${replica.url}?isolation=${isolation}`);
        try {
          await store.open({ deadline: deadlineIn(20_000) });
          expect(await store.vectors.profile()).toBeNull();
          expect(await store.catalog.libraries()).toEqual([]);
          await store.apply([page('/a', [chunk('zebra')])]);
          // Own writes come after a moment where the server was not seen to lag.
          await vi.waitFor(async () =>
            expect(await store.catalog.chunksByUrl(fastify, '/a')).toHaveLength(1),
          );
        } finally {
          await store.close();
          await replica.stop();
          await primary.stop();
        }
      }
    },
  );
});
