import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvVarProvider } from '@openfeature/env-var-provider';
import { FlagdProvider } from '@openfeature/flagd-provider';
import { InMemoryProvider, OpenFeature, type Provider } from '@openfeature/server-sdk';
import { type Ceiling, readStage, type Stage } from '@switchyard/storage-rollout';
import { CEILING_CHANNEL, FlagCeiling, type FlagCeilingOptions } from '@switchyard/storage-rollout/flags';
import { afterEach, describe, expect, it, vi } from 'vitest';

const opened: FlagCeiling[] = [];
let domains = 0;

afterEach(async () => {
  for (const ceiling of opened.splice(0)) ceiling.close();
  await OpenFeature.clearProviders();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A ceiling over a provider, evaluated once. */
async function ceilingOver(provider: Provider | null, options: Partial<FlagCeilingOptions> = {}) {
  const domain = `domain ${++domains}`;
  if (provider !== null) await OpenFeature.setProviderAndWait(domain, provider);
  const changes: Ceiling[] = [];
  const ceiling = new FlagCeiling({
    client: OpenFeature.getClient(domain),
    onChange: (changed) => changes.push(changed),
    ...options,
  });
  opened.push(ceiling);
  await ceiling.refresh();
  return { ceiling, changes };
}

const flag = (stage: string, disabled = false) => ({
  'switchyard-stage': { disabled, defaultVariant: 'set', variants: { set: stage } },
});

/** A provider whose evaluation of texts is given. */
function providerOf(resolveStringEvaluation: Provider['resolveStringEvaluation']): Provider {
  const not = () => Promise.reject(new Error('not asked for'));
  return {
    metadata: { name: 'test' },
    runsOn: 'server',
    resolveStringEvaluation,
    resolveBooleanEvaluation: not,
    resolveNumberEvaluation: not,
    resolveObjectEvaluation: not,
  };
}

const persisted: Stage = 'live';

describe('an unknown flag leaves the persisted stage, and says why', () => {
  it.each([
    ['no provider', null, /PROVIDER_NOT_READY|DEFAULT|no value/],
    ['a disabled flag', new InMemoryProvider(flag('off', true)), /no value/],
    ['a flag that does not exist', new InMemoryProvider({}), /FLAG_NOT_FOUND/],
    ['a value that is no stage', new InMemoryProvider(flag('offf')), /'offf', which is no stage/],
    ['an error', providerOf(() => Promise.reject(new Error('down'))), /GENERAL/],
  ])('%s', async (_name, provider, reason) => {
    const { ceiling, changes } = await ceilingOver(provider);
    expect(ceiling.current).toMatchObject({
      kind: 'unknown',
      reason: expect.stringMatching(reason),
      last: null,
    });
    expect(readStage(persisted, ceiling.current)).toBe(persisted);
    expect(changes).toEqual([ceiling.current]);
  });

  it('a provider that hangs: reading does not wait, and hanging evaluations do not pile up', async () => {
    vi.useFakeTimers();
    const resolve = vi.fn(() => new Promise<never>(() => undefined));
    const asked = ceilingOver(providerOf(resolve), { deadlineMs: 50, intervalMs: 100 });
    await vi.advanceTimersByTimeAsync(60);
    const { ceiling } = await asked;
    expect(ceiling.current).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('within 50 ms'),
    });
    expect(readStage(persisted, ceiling.current)).toBe(persisted);

    await vi.advanceTimersByTimeAsync(10_000);
    expect(resolve).toHaveBeenCalledTimes(4);
    expect(ceiling.current).toMatchObject({ reason: expect.stringContaining('4 evaluations') });
  });

  it('a provider that hangs and recovers is asked again', async () => {
    vi.useFakeTimers();
    const waiting: ((answer: { value: never }) => void)[] = [];
    const provider = providerOf(() => new Promise((resolve) => waiting.push(resolve as never)));
    const asked = ceilingOver(provider, { deadlineMs: 50, intervalMs: 100 });
    await vi.advanceTimersByTimeAsync(5000);
    const { ceiling } = await asked;
    for (const answer of waiting.splice(0)) answer({ value: 'off' as never });
    await vi.advanceTimersByTimeAsync(10);
    expect(ceiling.current.kind, 'late answers do not count').toBe('unknown');

    await vi.advanceTimersByTimeAsync(100);
    for (const answer of waiting.splice(0)) answer({ value: 'shadow' as never });
    await vi.advanceTimersByTimeAsync(10);
    expect(ceiling.current).toEqual({ kind: 'known', stage: 'shadow' });
  });
});

describe('a flag that is known', () => {
  it('lowers the stage of reads and never raises it', async () => {
    const provider = new InMemoryProvider(flag('shadow'));
    const { ceiling } = await ceilingOver(provider);
    expect(readStage('live', ceiling.current)).toBe('shadow');
    expect(readStage('dualwrite', ceiling.current)).toBe('dualwrite');
  });

  it('is evaluated again when the provider says that it changed', async () => {
    const provider = new InMemoryProvider(flag('live'));
    const { ceiling, changes } = await ceilingOver(provider, { intervalMs: 1_000_000 });
    const published = vi.fn();
    subscribe(CEILING_CHANNEL, published);
    await provider.putConfiguration(flag('dualwrite'));
    await vi.waitFor(() => expect(ceiling.current).toEqual({ kind: 'known', stage: 'dualwrite' }));
    unsubscribe(CEILING_CHANNEL, published);
    expect(changes.at(-1)).toEqual(ceiling.current);
    expect(published).toHaveBeenCalledWith(ceiling.current, CEILING_CHANNEL);
  });

  it('goes on to hold when it becomes unknown, so that an outage moves no traffic', async () => {
    const provider = new InMemoryProvider(flag('shadow'));
    const { ceiling } = await ceilingOver(provider, { intervalMs: 1_000_000 });
    await provider.putConfiguration({});
    await vi.waitFor(() => expect(ceiling.current.kind).toBe('unknown'));
    expect(ceiling.current).toMatchObject({ last: 'shadow' });
    expect(readStage('live', ceiling.current)).toBe('shadow');
  });

  it('is not evaluated after close()', async () => {
    vi.useFakeTimers();
    const resolve = vi.fn(() => Promise.resolve({ value: 'shadow' as never }));
    const { ceiling } = await ceilingOver(providerOf(resolve), { intervalMs: 100 });
    ceiling.close();
    resolve.mockClear();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(resolve).not.toHaveBeenCalled();
  });
});

describe('providers of well-kept packages', () => {
  it('@openfeature/env-var-provider reads the environment', async () => {
    vi.stubEnv('SWITCHYARD_STAGE', 'shadow');
    const { ceiling } = await ceilingOver(new EnvVarProvider());
    expect(ceiling.current).toEqual({ kind: 'known', stage: 'shadow' });

    vi.stubEnv('SWITCHYARD_STAGE', undefined);
    expect(await ceiling.refresh()).toMatchObject({ kind: 'unknown', last: 'shadow' });
  });

  it.each([
    ['ENABLED', { kind: 'known', stage: 'rampdown' }],
    ['DISABLED', { kind: 'unknown', last: null }],
  ])('@openfeature/flagd-provider reads a file: %s', async (state, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-flags-'));
    const file = join(folder, 'flags.json');
    const flags = { 'switchyard-stage': { state, variants: { set: 'rampdown' }, defaultVariant: 'set' } };
    writeFileSync(file, JSON.stringify({ flags }));
    const provider = new FlagdProvider({ resolverType: 'in-process', offlineFlagSourcePath: file });
    const { ceiling } = await ceilingOver(provider);
    expect(ceiling.current).toMatchObject(expected);
    rmSync(folder, { recursive: true });
  });
});

it('warns without onChange, and only when something changed', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const { ceiling } = await ceilingOver(null, { onChange: undefined });
  await ceiling.refresh();
  await ceiling.refresh();
  expect(warned).toHaveBeenCalledTimes(1);
  expect(warned.mock.calls[0]?.[0]).toContain('The persisted stage stays');
  warned.mockRestore();
});

it.each([0, -1, Number.NaN, 2 ** 31])('refuses %d milliseconds', (milliseconds) => {
  const client = OpenFeature.getClient();
  expect(() => new FlagCeiling({ client, intervalMs: milliseconds })).toThrow(TypeError);
  expect(() => new FlagCeiling({ client, deadlineMs: milliseconds })).toThrow(TypeError);
});
