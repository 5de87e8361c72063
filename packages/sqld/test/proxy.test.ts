import { type FaultProxy, type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWithSqld, query } from './support/sqld.js';

describeWithSqld('a proxy in front of a real sqld', () => {
  let server: SqldServer;
  let proxy: FaultProxy;
  beforeAll(async () => {
    server = await startSqld();
    await query(server.url, 'CREATE TABLE t (a)');
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    proxy = await startProxy(server.url);
  });
  afterEach(() => proxy.stop());

  const select = () => query(proxy.url, 'SELECT 1');
  const works = async () => expect((await select()).rows).toEqual([['1']]);

  test('counts requests, including several per connection and large or chunked ones', async () => {
    await works();
    await works();
    expect(proxy.requests).toEqual(Array(2).fill({ method: 'POST', path: '/v2/pipeline' }));
    proxy.reset();
    const body = `{"requests":[{"type":"execute","stmt":{"sql":"SELECT length('${'GET / HTTP/1.1 '.repeat(20_000)}')"}}]}`;
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${proxy.url}/v2/pipeline`, { method: 'POST', body });
      expect(await response.text()).toContain('300000');
    }
    const chunks = async function* () {
      for (let at = 0; at < body.length; at += 70_000) yield Buffer.from(body.slice(at, at + 70_000));
    };
    const response = await fetch(`${proxy.url}/v2/pipeline`, {
      method: 'POST',
      body: chunks(),
      duplex: 'half',
    } as RequestInit);
    expect(await response.text()).toContain('300000');
    expect(proxy.requests.length).toBe(4);
    expect(proxy.connections).toBeLessThan(4);
  });

  test('delays a request like a distant server', async () => {
    proxy.behave({ kind: 'forward', delayMs: 120 });
    const before = performance.now();
    await works();
    expect(performance.now() - before).toBeGreaterThanOrEqual(115);
  });

  test('never answers as a black hole; whether the server gets the request is configurable', async () => {
    const attempt = (sql: string) =>
      fetch(`${proxy.url}/v2/pipeline`, {
        method: 'POST',
        body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql } }] }),
        signal: AbortSignal.timeout(300),
      });
    proxy.behave({ kind: 'blackhole' }, 1);
    await expect(attempt('INSERT INTO t VALUES (1)')).rejects.toThrow(/timeout/);
    proxy.behave({ kind: 'blackhole', deliver: true }, 1);
    await expect(attempt('INSERT INTO t VALUES (2)')).rejects.toThrow(/timeout/);
    expect((await query(proxy.url, 'SELECT a FROM t')).rows).toEqual([['2']]);
  });

  test('cuts an answer off midway', async () => {
    proxy.behave({ kind: 'cut', afterBytes: 120 }, 1);
    await expect(select()).rejects.toThrow();
    proxy.behave({ kind: 'cut', afterBytes: 0 }, 1);
    await expect(select()).rejects.toThrow();
    await works();
  });

  test('answers with garbage, with an HTTP status, or resets the connection', async () => {
    proxy.behave({ kind: 'garbage' }, 1);
    await expect(select()).rejects.toThrow();
    proxy.behave({ kind: 'respond', status: 503, body: 'later' }, 1);
    expect(await select()).toMatchObject({ status: 503, error: 'later' });
    proxy.behave({ kind: 'drop' }, 1);
    await expect(select()).rejects.toThrow();
    await works();
  });

  test('delays an answer', async () => {
    proxy.behave({ kind: 'pause', ms: 150 }, 1);
    const before = performance.now();
    await works();
    expect(performance.now() - before).toBeGreaterThanOrEqual(145);
    expect(proxy.requests.length).toBe(1);
  });

  test('refuses connections, and accepts them again on the same port', async () => {
    const { port } = proxy;
    await proxy.refuse();
    await expect(select()).rejects.toThrow();
    await proxy.listen();
    expect(proxy.port).toBe(port);
    await works();
  });

  test('forwards traffic other than HTTP/1 without counting requests', async () => {
    const { connect } = await import('node:http2');
    const session = connect(proxy.url);
    const status = await new Promise<unknown>((resolve, reject) => {
      session.on('error', reject);
      const request = session.request({ ':path': '/health' });
      request.on('response', (headers) => resolve(headers[':status']));
      request.on('error', reject);
      request.end();
    });
    session.destroy();
    expect(status).toBe(200);
    expect(proxy.requests).toEqual([]);
    expect(proxy.connections).toBe(1);
  });
});
