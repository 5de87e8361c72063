import { setImmediate } from 'node:timers/promises';
import type { VersionRecord } from '@switchyard/storage-core';
import { createMemoryState, MemoryBackend } from '../memory/index.js';
import { type Fault, fault } from './fault.js';
import { overlay } from './overlay.js';

/** Defines a fault in the declaration: it differs from the capabilities of the backend inside. */
function misdeclaring(name: string, caughtBy: string, isDeclared: boolean): Fault {
  return {
    name,
    caughtBy,
    create: () => {
      const inner = new MemoryBackend({ capabilities: { assignedIds: !isDeclared } });
      return { backend: overlay(inner, { capabilities: { assignedIds: isDeclared } }) };
    },
  };
}

/** Backends that break the rules of opening, closing, calling and declaring. */
export const lifecycleFaults: readonly Fault[] = [
  fault('implements-another-contract', 'capabilities/contract-version', () => ({ contractVersion: 2 })),
  misdeclaring('declares-what-it-lacks', 'capabilities/assigned-ids', true),
  misdeclaring('does-not-refuse-what-it-does-not-declare', 'capabilities/assigned-ids', false),
  {
    name: 'forgets-when-closed',
    caughtBy: 'persistence/everything',
    create: () => {
      const make = () => new MemoryBackend({ state: createMemoryState() });
      return { backend: make(), reopen: make };
    },
  },
  {
    name: 'misses-a-store-created-later',
    caughtBy: 'reading/created-by-another',
    create: () => {
      const make = () =>
        new MemoryBackend({ state: createMemoryState(), capabilities: { multiProcess: true } });
      return { backend: make(), reopen: make };
    },
  },
  fault('closes-before-draining', 'lifecycle/close-drains', (inner) => ({
    apply: async (mutations, options) => {
      await setImmediate();
      return inner.apply(mutations, options);
    },
  })),
  fault('works-without-being-opened', 'lifecycle/closed-before-open', (inner) => ({
    catalog: {
      libraries: async (options) => {
        await inner.open();
        return inner.catalog.libraries(options);
      },
    },
  })),
  fault('refuses-to-open-twice', 'lifecycle/open-twice-at-once', (inner) => {
    let opening = false;
    return {
      open: async (options) => {
        if (opening) throw new Error('already opening');
        opening = true;
        try {
          await inner.open(options);
        } finally {
          opening = false;
        }
      },
    };
  }),
  fault('cannot-be-opened-again', 'lifecycle/open-aborted', (inner) => {
    let failed = false;
    return {
      open: async (options) => {
        if (failed) throw new Error('failed before');
        failed = true;
        await inner.open(options);
        failed = false;
      },
    };
  }),
  fault('ignores-the-signal', 'calls/already-aborted', (inner) => ({
    catalog: { pages: (version) => inner.catalog.pages(version) },
  })),
  fault('holds-the-event-loop', 'event-loop/calls-give-turns', (inner) => {
    let known: Promise<VersionRecord | null> | undefined;
    return {
      catalog: {
        version: (ref, options) => {
          known ??= inner.catalog.version(ref, options);
          return known;
        },
      },
    };
  }),
  fault('reads-on-after-an-abort', 'event-loop/abort-ends-a-loop', (inner) => ({
    catalog: { version: (ref) => inner.catalog.version(ref) },
  })),
  fault('sees-damage-where-there-is-none', 'maintenance/sound', (inner) => ({
    fts: {
      audit: async (options) => {
        const { checked } = await inner.fts.audit(options);
        return { checked, problems: [{ kind: 'missing', chunkId: 1, detail: 'Not there.' }] };
      },
    },
  })),
  fault('audits-what-it-knew', 'maintenance/sound-after-another-connection', (inner) => {
    let known: number | undefined;
    return {
      fts: {
        audit: async (options) => {
          const report = await inner.fts.audit(options);
          known ??= report.checked;
          if (known === report.checked) return report;
          return { ...report, problems: [{ kind: 'damaged', chunkId: null, detail: 'Unknown entries.' }] };
        },
      },
    };
  }),
  fault('repairs-what-is-sound', 'maintenance/repair-nothing', (inner) => ({
    maintenance: {
      check: async ({ scope }) => ({ scope, damages: [], skipped: [] }),
      repair: async () => {
        await inner.vectors.reconcile({ model: 'other', dimension: 2 }, 'reset');
        const report = { scope: 'full', damages: [], skipped: [] } as const;
        return { before: report, repaired: [], after: report };
      },
      reclaim: async () => ({ bytesBefore: null, bytesAfter: null, limitation: 'None.' }),
    },
  })),
  fault('ignores-the-deadline', 'calls/past-deadline', (inner) => ({
    apply: (mutations, options) => inner.apply(mutations, { signal: options?.signal }),
  })),
];
