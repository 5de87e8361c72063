import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Channel } from '../src/protocol/channel.js';

let folder: string;
let near: Socket;
let far: Socket;
let close: () => void;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-channel-'));
  const path = join(folder, 'pipe');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  near = connect(path);
  [far] = (await once(server, 'connection')) as [Socket];
  close = () => server.close();
});
afterEach(async () => {
  near.destroy();
  far.destroy();
  close();
  await rm(folder, { recursive: true, force: true });
});

const ignore = () => undefined;

/** Collects the messages that arrive at the far end; resolves with them after the given number. */
function receive(count: number): Promise<readonly unknown[]> {
  const received: unknown[] = [];
  return new Promise((resolve) => {
    const onMessage = (message: unknown) => {
      if (received.push(message) === count) resolve(received);
    };
    new Channel(far, onMessage, ignore);
  });
}

test('messages arrive whole and in order, whatever their size and however the bytes are split', async () => {
  const received = receive(5);
  const messages = [
    { empty: [] },
    new Float32Array(2_000_000).fill(0.5),
    'x'.repeat(70_000),
    { n: 2n ** 60n, nothing: undefined },
  ];
  const sender = new Channel(near, ignore, ignore);
  for (const message of messages) sender.send(message);
  const body = serialize('byte by byte');
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  for (const byte of Buffer.concat([head, body])) {
    near.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [empty, floats, ...rest] = await received;
  expect([empty, ...rest]).toEqual([messages[0], ...messages.slice(2), 'byte by byte']);
  // Not compared by toEqual(), which takes a minute for two million elements.
  expect(floats).toBeInstanceOf(Float32Array);
  expect(floats).toHaveLength(2_000_000);
  expect((floats as Float32Array).every((component) => component === 0.5)).toBe(true);
});

test('invalid data closes the channel', async () => {
  const received: unknown[] = [];
  const closed = new Promise<void>((resolve) => {
    new Channel(far, (message) => received.push(message), resolve);
  });
  near.write(Buffer.from([4, 0, 0, 0, 1, 2, 3, 4]));
  await closed;
  expect(received).toEqual([]);
});

test('the end of the other side is reported once; sending then has no effect', async () => {
  let times = 0;
  const channel = new Channel(far, ignore, () => times++);
  near.destroy();
  await once(far, 'close');
  channel.send('nobody listens');
  expect(times).toBe(1);
});

test('a value that cannot be cloned is rejected, and the channel stays open', async () => {
  const received = receive(1);
  const sender = new Channel(near, ignore, ignore);
  expect(() => sender.send(() => 1)).toThrow(/could not be cloned/);
  sender.send('after');
  expect(await received).toEqual(['after']);
});
