import { fileURLToPath } from 'node:url';
import { type CallOptions, checkCall, onAbort, StorageError } from '@switchyard/storage-core';
import { type DefinitionReference, resolveReference } from '../definition/reference.js';
import { alarmAt } from '../host/timer.js';
import { childEnvironment } from '../launcher/environment.js';
import { type ChildEnd, spawnChild } from '../launcher/spawn.js';
import { Channel } from '../protocol/channel.js';
import { receiveError } from '../protocol/errors.js';
import type { FromTask, ToTask } from './messages.js';

const program = fileURLToPath(new URL('./main.js', import.meta.url));

/** How much of what the process printed last is kept for the error that tells of its end, in characters. */
const TAIL = 2_000;

/** What a task is given beside its input. */
export interface TaskContext<Progress> {
  readonly signal: AbortSignal;
  readonly deadline: number | undefined;
  /** Tells how far the task is. Resolves when the other side has dealt with it, and never rejects. */
  progress(value: Progress): Promise<void>;
}

/** A function that can run in a process of its own: input, progress and output are plain data. */
export type Task<Input, Output, Progress> = (input: Input, context: TaskContext<Progress>) => Promise<Output>;

/** Input of {@link runTask}. */
export interface TaskRequest<Input, Progress> extends CallOptions {
  /** Name of the backend, for errors. */
  readonly backend: string;
  /** Where the process finds the task. */
  readonly reference: DefinitionReference;
  readonly input: Input;
  /** The task waits for what it returns. When it throws, the task is aborted and the error is thrown. */
  readonly onProgress?: ((progress: Progress) => unknown) | undefined;
  /** How long a task that was aborted, or is late, may take to end before it is killed, in milliseconds. */
  readonly graceMs: number;
}

/**
 * Runs a task in a child process of its own, which ends with it. For work on files that this process may have open by
 * other means: what another process opens and closes does not touch the locks of this one.
 *
 * @throws StorageError `STORAGE_ABORTED`, `STORAGE_TIMEOUT`, `STORAGE_CRASHED`, and what the task throws.
 */
export async function runTask<Input, Output, Progress>(
  request: TaskRequest<Input, Progress>,
): Promise<Output> {
  checkCall(request, request.backend);
  const { backend, reference, input, signal, deadline, onProgress, graceMs } = request;
  let tail = '';
  const child = spawnChild(
    { execArgv: [], env: childEnvironment() },
    (text) => {
      tail = (tail + text).slice(-TAIL);
      process.stderr.write(text);
    },
    program,
  );
  const patience = alarmAt(Number.POSITIVE_INFINITY, true, () => undefined); // this process stays alive for it
  const alarms = [patience];
  let thrown: { readonly error: unknown } | null = null;
  let channel: Channel<ToTask, FromTask> | null = null;
  const abort = () => {
    channel?.send({ type: 'abort' });
    alarms.push(alarmAt(Date.now() + graceMs, true, () => child.kill()));
  };
  let stopListening: () => void = () => undefined;
  try {
    const pipe = await child.pipe;
    const answer = new Promise<Output>((resolve, reject) => {
      void child.ended.then((end) => reject(crashed(backend, end, tail, request)));
      if (pipe === null) return;
      const progress = async (value: Progress) => {
        try {
          await onProgress?.(value);
        } catch (error) {
          thrown ??= { error };
          abort();
        }
        channel?.send({ type: 'continue' });
      };
      channel = new Channel<ToTask, FromTask>(
        pipe,
        (message) => {
          if (message.type === 'progress') void progress(message.value as Progress);
          else if (message.type === 'done') resolve(message.value as Output);
          else reject(receiveError(message.error));
        },
        () => undefined, // its end is noticed above
      );
      channel.send({ type: 'run', reference: resolveReference(reference), input, deadline });
    });
    stopListening = onAbort(signal, abort);
    if (signal?.aborted === true) abort();
    if (deadline !== undefined) alarms.push(alarmAt(deadline + graceMs, true, () => child.kill()));
    return await answer;
  } catch (error) {
    throw thrown === null ? error : (thrown as { readonly error: unknown }).error;
  } finally {
    stopListening();
    child.kill();
    await child.ended;
    for (const alarm of alarms) alarm.cancel();
  }
}

/** Killed because it did not end in time, or ended by itself. */
function crashed(
  backend: string,
  end: ChildEnd,
  tail: string,
  { signal, deadline }: CallOptions,
): StorageError {
  const facts = { backend, outcome: 'unknown' } as const;
  if (signal?.aborted === true)
    return new StorageError('STORAGE_ABORTED', 'The caller aborted the call.', facts);
  if (deadline !== undefined && Date.now() > deadline)
    return new StorageError('STORAGE_TIMEOUT', 'The deadline passed before the work was finished.', facts);
  const { exitCode, signal: ending, failure } = end;
  const how =
    failure !== null
      ? `could not be started: ${failure}`
      : ending !== null
        ? `was ended by ${ending}`
        : `ended with exit code ${exitCode}`;
  return new StorageError('STORAGE_CRASHED', `The child process of the ${backend} backend ${how}.`, {
    ...facts,
    details: { exitCode, signal: ending },
    cause: tail.trim() === '' ? undefined : new Error(`It printed last: ${tail.trim()}`),
  });
}
