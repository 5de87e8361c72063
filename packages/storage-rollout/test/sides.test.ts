import { digestStore } from '@switchyard/storage-core';
import { RolloutBackend, type RolloutOptions } from '@switchyard/storage-rollout/backend';
import { type Ceiling, otherSide, type Side, type Stage } from '@switchyard/storage-rollout/machine';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { interposed, unreachable } from './support/interposed.js';
import { page, titlesOf } from './support/pages.js';
import { boots, confirmed, type MakeStores, memoryStores, openGates, rolloutAt } from './support/rollout.js';

const opened: RolloutBackend[] = [];

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

/** What happens to the calls of a side: nothing, an error, or no answer for ever. */
type Trouble = 'none' | 'down' | 'hangs';

const selection = { percentage: 100, include: [], exclude: [] } as const;

/** A rollout with one library, `a`, of one page, whose sides can be taken down. */
class Service {
  readonly make: MakeStores;
  readonly trouble: Record<Side, Trouble> = { old: 'none', new: 'none' };
  readonly calls: Record<Side, string[]> = { old: [], new: [] };

  constructor() {
    const stores = memoryStores();
    this.make = () => {
      const made = stores();
      const wrapped = (side: Side) =>
        interposed(made[side], async (path) => {
          this.calls[side].push(path);
          if (path === 'close') return;
          // Until it is open, a store refuses all other calls by itself.
          if (this.trouble[side] === 'hangs' && path === 'open') await new Promise(() => undefined);
          if (this.trouble[side] === 'down') throw unreachable();
        });
      return { old: wrapped('old'), new: wrapped('new') };
    };
  }

  /** Fills the library and raises the stage. */
  async at(stage: Stage): Promise<void> {
    const create = await rolloutAt('dualwrite', this.make, { selection });
    const backend = create();
    await backend.open();
    await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse');
    await backend.apply([page('a', '/1', 'one')]);
    while ((await backend.control()).stage !== stage) {
      if ((await backend.control()).stage === 'live') await backend.move('a', 'new');
      await backend.promote(confirmed());
    }
    await backend.close();
  }

  backend(more: Partial<RolloutOptions> = {}): RolloutBackend {
    const backend = new RolloutBackend({
      ...this.make(),
      boots,
      selection,
      gates: openGates,
      openMs: 20,
      ...more,
    });
    opened.push(backend);
    return backend;
  }

  async open(more: Partial<RolloutOptions> = {}): Promise<RolloutBackend> {
    const backend = this.backend(more);
    await backend.open();
    return backend;
  }

  async expectEqual(): Promise<void> {
    const { old, new: other } = this.make();
    await old.open();
    await other.open();
    expect((await digestStore(other)).versions).toEqual((await digestStore(old)).versions);
    await old.close();
    await other.close();
  }
}

async function serviceAt(stage: Stage): Promise<Service> {
  const service = new Service();
  await service.at(stage);
  return service;
}

describe('opening with one side', () => {
  it.each<[Stage, Side, Trouble]>([
    ['dualwrite', 'new', 'down'],
    ['dualwrite', 'new', 'hangs'],
    ['shadow', 'new', 'down'],
    ['live', 'new', 'down'],
    ['live', 'old', 'down'],
    ['rampdown', 'old', 'down'],
    ['rampdown', 'old', 'hangs'],
    ['complete', 'old', 'down'],
  ])('%s without the %s one, which is %s', async (stage, side, trouble) => {
    const service = await serviceAt(stage);
    if (stage === 'live' && side === 'old') {
      const before = await service.open();
      await before.move('a', 'new');
      await before.close();
    }
    service.trouble[side] = trouble;
    const backend = await service.open();
    expect(
      await backend.vectors.reconcile({ model: 'test:two', dimension: 2, metric: 'l2' }, 'refuse'),
    ).toMatchObject({ outcome: 'unchanged' });
    expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'one' });
    await backend.apply([page('a', '/2', 'two')]);
    expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'one', '/2': 'two' });
    expect((await backend.catalog.libraries()).map(({ name }) => name)).toEqual(['a']);
    const status = await backend.status();
    expect(status.row.stage).toBe(stage);
    expect(status.sides[side].isOpen).toBe(false);
    expect(status.sides[otherSide(side)]).toEqual({ isOpen: true, error: null });
    if (trouble === 'hangs') return;
    expect(status.sides[side].error).toMatchObject({ code: 'STORAGE_UNREACHABLE' });

    service.trouble[side] = 'none';
    await vi.waitFor(async () => expect((await backend.status()).sides[side].isOpen).toBe(true));
    if (stage === 'complete') await backend.demote('rampdown');
    await backend.settle();
    await backend.close();
    await service.expectEqual();
  });

  it.each<[Stage, Side]>([
    ['off', 'old'],
    ['dualwrite', 'old'],
    ['shadow', 'old'],
    ['rampdown', 'new'],
    ['complete', 'new'],
  ])('%s fails without the %s one, which is needed', async (stage, side) => {
    const service = stage === 'off' ? new Service() : await serviceAt(stage);
    if (stage === 'off') await (await rolloutAt('off', service.make))();
    service.trouble[side] = 'down';
    await expect(service.backend().open()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });

  it('fails without both', async () => {
    const service = await serviceAt('live');
    service.trouble.old = 'down';
    service.trouble.new = 'down';
    await expect(service.backend().open()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });
});

describe('the stage', () => {
  it('is carried to the side that missed it, and the higher revision counts', async () => {
    const service = await serviceAt('shadow');
    const backend = await service.open();
    service.trouble.new = 'down';
    await backend.demote('dualwrite');
    await backend.close();
    service.trouble.new = 'none';
    const again = await service.open();
    expect((await again.control()).stage).toBe('dualwrite');
    const { new: other } = service.make();
    await other.open();
    expect((await other.changeLog?.readControl())?.row).toEqual(await again.control());
    await other.close();
  });

  it('is not lowered to off when neither side can be read: writes are refused, and reads fail', async () => {
    const service = await serviceAt('live');
    const backend = await service.open();
    service.trouble.old = 'down';
    service.trouble.new = 'down';
    const later = Date.now() + 60_000;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => later);
    const write = backend.apply([page('a', '/2', 'two')]);
    await expect(write).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE', outcome: 'not-applied' });
    await expect(titlesOf(backend, 'a')).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    clock.mockRestore();
  });

  it('is not changed where the side that decides cannot be reached', async () => {
    const service = await serviceAt('live');
    const backend = await service.open();
    service.trouble.new = 'down';
    await expect(backend.demote('shadow')).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    await expect(backend.promote()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    service.trouble.new = 'none';
    expect((await backend.control()).stage).toBe('live');
  });
});

describe('reads', () => {
  it('of live fall back to the other side for a clean library only, and are counted', async () => {
    const service = await serviceAt('live');
    const backend = await service.open();
    await backend.move('a', 'new');
    await backend.settle();
    expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'one' });
    service.trouble.new = 'down';
    expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'one' });
    expect((await backend.catalog.libraries()).map(({ name }) => name)).toEqual(['a']);
    const query = { version: { library: 'a', version: '1' }, vector: Float32Array.of(1, 0), limit: 3 };
    expect(await backend.vectors.nearest({ ...query, mode: 'exact' })).toHaveLength(1);
    expect((await backend.status()).fallbackReads).toBeGreaterThanOrEqual(3);

    service.trouble.new = 'none';
    service.trouble.old = 'down';
    await backend.apply([page('a', '/2', 'two')]);
    service.trouble.old = 'none';
    service.trouble.new = 'down';
    await expect(titlesOf(backend, 'a')).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    await expect(backend.catalog.libraries()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });

  it('follow the ceiling of the process where the other side is clean, and the holder elsewhere', async () => {
    const service = await serviceAt('live');
    let current: Ceiling = { kind: 'known', stage: 'shadow' };
    const backend = await service.open({
      ceiling: {
        get current() {
          return current;
        },
      },
    });
    await backend.move('a', 'new');
    await backend.settle();
    const readFrom = async () => {
      service.calls.old = [];
      await titlesOf(backend, 'a');
      return service.calls.old.includes('catalog.pages') ? 'old' : 'new';
    };
    expect(await readFrom()).toBe('old');
    current = { kind: 'unknown', reason: 'timeout', last: null };
    expect(await readFrom()).toBe('new');
    current = { kind: 'known', stage: 'shadow' };
    service.trouble.old = 'down';
    await backend.apply([page('a', '/2', 'two')]);
    service.trouble.old = 'none';
    expect(await titlesOf(backend, 'a')).toEqual({ '/1': 'one', '/2': 'two' });
  });

  it('of a lowered stage come from the holder of a library that was not moved back', async () => {
    const service = await serviceAt('live');
    const backend = await service.open();
    await backend.move('a', 'new');
    await backend.settle();
    const { new: other, old } = service.make();
    await other.open();
    await old.open();
    // As an automatic demotion does, which moves nothing.
    const { row } = (await other.changeLog?.readControl()) ?? {};
    const expected = row?.revision ?? 0;
    await other.changeLog?.changeStage({ expected, command: { kind: 'latch', to: 'shadow' }, filled: {} });
    const next = await other.changeLog?.readControl();
    if (next !== undefined) await old.changeLog?.carryStage(next.row);
    service.trouble.old = 'down';
    await backend.apply([page('a', '/2', 'two')]);
    service.trouble.old = 'none';
    await backend.close();
    const again = await service.open();
    expect(await again.control()).toMatchObject({ stage: 'shadow', latched: true });
    expect(await titlesOf(again, 'a')).toEqual({ '/1': 'one', '/2': 'two' });
    await other.close();
    await old.close();
  });
});

describe('complete', () => {
  it('needs the old side for nothing, and the way back delivers what it missed', async () => {
    const service = await serviceAt('complete');
    service.trouble.old = 'down';
    const backend = await service.open();
    await backend.apply([page('begun', '/1', 'of complete')]);
    await backend.apply([page('a', '/2', 'two')]);
    expect(await backend.holder('begun')).toBe('new');
    service.trouble.old = 'none';
    await vi.waitFor(async () => expect((await backend.status()).sides.old.isOpen).toBe(true));
    await backend.demote('dualwrite');
    expect(await backend.holder('begun')).toBe('old');
    expect(await titlesOf(backend, 'begun')).toEqual({ '/1': 'of complete' });
    await backend.settle();
    await backend.close();
    await service.expectEqual();
  });
});
