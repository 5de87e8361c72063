import { faults } from '@switchyard/storage-conformance/faults';
import { runConformance } from '@switchyard/storage-conformance/suite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertySeed } from './support/property-seed.js';

describe('the seed of properties', () => {
  it('is fixed unless SWITCHYARD_SEED is set to a number or to random', () => {
    expect(propertySeed(undefined)).toBe(propertySeed(''));
    expect(propertySeed('17')).toBe(17);
    expect(propertySeed('-2147483648')).toBe(-(2 ** 31));
    expect(Number.isSafeInteger(propertySeed('random'))).toBe(true);
    for (const wrong of ['1.5', 'yes', '2147483648', '0x10'])
      expect(() => propertySeed(wrong)).toThrow(TypeError);
  });

  it('is used by every property', () => {
    const seed = propertySeed(process.env.SWITCHYARD_SEED);
    expect(fc.readConfigureGlobal().seed).toBe(seed);
    expect(fc.check(fc.property(fc.nat(), () => true)).runConfiguration.seed).toBe(seed);
  });

  it('is that of the conformance suite, too, unless a caller chooses one', async () => {
    const broken = faults.find(({ name }) => name === 'loses-the-last-chunk');
    if (broken === undefined) throw new TypeError('There is no such fault any more.');
    const seedOf = async (seed?: number) => {
      const options = { name: broken.name, create: broken.create, runs: 60, seed };
      const [result] = await runConformance(options, ({ id }) => id === 'model/random-stories');
      if (result?.outcome.state !== 'failed') throw new TypeError('The broken backend passes.');
      return Number(/seed: (-?\d+)/.exec(String(result.outcome.error))?.[1]);
    };
    expect(await seedOf()).toBe(propertySeed(process.env.SWITCHYARD_SEED));
    expect(await seedOf(5)).toBe(5);
  });
});
