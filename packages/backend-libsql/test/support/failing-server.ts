import { type FaultProxy, type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import { deadlineIn, type StorageBackend } from '@switchyard/storage-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { connect } from './connect.js';
import { InTime } from './in-time.js';

/** Milliseconds that calls get: enough to start a child process and to try again on a busy machine. */
const PATIENCE_MS = 4_000;

/** A server, a proxy before it that injects faults, and an open store that reaches the server through the proxy. */
export interface FailingServer {
  readonly server: SqldServer;
  readonly proxy: FaultProxy;
  readonly store: StorageBackend;
}

/** Calls with a deadline that must fail in time. */
export const patience = (): { readonly deadline: number } => ({ deadline: deadlineIn(PATIENCE_MS) });

/** Measures the calls of a group of tests that must fail in time, and prints the figures after the last test. */
export function measureFailures(): InTime {
  const inTime = new InTime(PATIENCE_MS);
  afterAll(() => inTime.end());
  return inTime;
}

/**
 * Starts one server for a group of tests, and a proxy and a store for each test.
 *
 * @param toConnection Makes the connection string of the store from the URL of the proxy.
 * @returns An object whose members are those of the current test.
 */
export function failingServer(toConnection: (url: string) => string): FailingServer {
  let server: SqldServer;
  let proxy: FaultProxy;
  let store: StorageBackend;
  beforeAll(async () => {
    server = await startSqld();
  });
  beforeEach(async () => {
    proxy = await startProxy(server.url);
    store = connect(toConnection(proxy.url));
    await store.open();
  });
  afterEach(async () => {
    proxy.behave({ kind: 'forward' });
    await store.close();
    await proxy.stop();
  });
  afterAll(() => server.stop());
  return {
    get server() {
      return server;
    },
    get proxy() {
      return proxy;
    },
    get store() {
      return store;
    },
  };
}
