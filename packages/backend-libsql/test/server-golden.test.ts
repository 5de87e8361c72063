import { join } from 'node:path';
import { type SqldServer, startSqld } from '@switchyard/sqld';
import { DocumentStore, type StorageBackend } from '@switchyard/storage-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { goldenSearches, haveFixtures, legacyWrites, withoutFixtures } from './support/fixtures.js';
import { describeWithSqld } from './support/sqld.js';
import { tempFolder } from './support/temp.js';

describeWithSqld('golden rankings elsewhere', () => {
  describe.skipIf(!haveFixtures)(`real documentation${withoutFixtures}`, () => {
    let server: SqldServer;
    let primary: StorageBackend;
    beforeAll(async () => {
      server = await startSqld();
      primary = connect(server.url);
      await primary.open();
      const profile = { model: 'openai:use-lite-512', dimension: 512, metric: 'l2' } as const;
      await primary.vectors.reconcile(profile, 'refuse');
      await primary.apply(await legacyWrites('level-14-three-libraries.db.gz'));
    });
    afterAll(async () => {
      await primary.close();
      await server.stop();
    });

    async function isAsTheLegacyStoreFound(backend: StorageBackend): Promise<void> {
      const store = await DocumentStore.open({ backend });
      const searches = goldenSearches('level-14-three-libraries.hybrid.json');
      expect(searches).toHaveLength(24);
      for (const { library, version, text, limit, vector, hits } of searches) {
        const values = new Float32Array(new Uint8Array(Buffer.from(vector ?? '', 'base64')).buffer);
        const found = await store.search(library, version, text, { limit, vector: values });
        expect(found.map(({ id, vecRank, ftsRank }) => [id, vecRank, ftsRank])).toEqual(
          hits.map(({ id, vecRank, ftsRank }) => [String(id), vecRank, ftsRank]),
        );
        for (const [index, { score }] of found.entries()) {
          expect(score).toBeCloseTo(hits[index]?.score ?? Number.NaN, 12);
        }
      }
    }

    it('a server returns the hits of the legacy store, id for id and rank for rank', () =>
      isAsTheLegacyStoreFound(primary));

    it('so does a replica of it', async () => {
      const replica = connect(`file:${join(tempFolder(), 'replica.db')}?syncUrl=${server.url}`);
      try {
        await replica.open();
        await isAsTheLegacyStoreFound(replica);
      } finally {
        await replica.close();
      }
    });
  });
});
