import { fileURLToPath } from 'node:url';
import { type CallOptions, StorageError } from '@switchyard/storage-core';
import { checkCall, onAbort } from '@switchyard/storage-core/backend';
import { type DefinitionReference, resolveReference } from '../definition/reference.js';
import { alarmAt } from '../host/timer.js';
import { childEnvironment } from '../launcher/environment.js';
import { requireChildProcesses } from '../launcher/runtime.js';
import { type ChildEnd, spawnChild } from '../launcher/spawn.js';
import { Channel } from '../protocol/channel.js';
import { receiveError } from '../protocol/errors.js';
import type { FromTask, ToTask } from './messages.js';

const program = fileURLToPath(new URL('./main.js', import.meta.url));

/** Number of characters of standard error kept for the crash report. */
const MAX_TAIL_LENGTH = 2_000;

/** Passed to a task along with its input. */
export interface TaskContext<Progress> {
  readonly signal: AbortSignal;
  readonly deadline: number | undefined;
  /** Process id of the host. */
  readonly hostPid: number;
  /**
   * Kills this process if the host is gone. Call it right before a step that cannot be undone, such as renaming a
   * finished file: a user who killed the host expects nothing more to happen.
   */
  requireHost(): void;
  /** Reports progress. Resolves when the host has handled the report; never rejects. */
  progress(value: Progress): Promise<void>;
}

/** A function that can run in its own process: input, progress and output are plain data. */
export type Task<Input, Output, Progress> = (input: Input, context: TaskContext<Progress>) => Promise<Output>;

/** Input of {@link runTask}. */
export interface TaskRequest<Input, Progress> extends CallOptions {
  /** Backend name used in errors. */
  readonly backend: string;
  /** The module and export that hold the task. */
  readonly reference: DefinitionReference;
  readonly input: Input;
  /** The task waits for the returned promise. If it throws, the task is aborted and the error is rethrown. */
  readonly onProgress?: ((progress: Progress) => unknown) | undefined;
  /** Milliseconds that an aborted or overdue task gets to finish before it is killed. */
  readonly graceMs: number;
}

/**
 * Runs a task in its own child process, which ends with the task. Use it for work on files that this process may have
 * open by other means: opening and closing a file in another process leaves this process's locks alone.
 *
 * @throws StorageError `STORAGE_ABORTED`, `STORAGE_TIMEOUT`, `STORAGE_CRASHED`, in Bun `STORAGE_NOT_SUPPORTED`, and whatever the task throws.
 */
export async function runTask<Input, Output, Progress>(
  request: TaskRequest<Input, Progress>,
): Promise<Output> {
  checkCall(request, request.backend);
  requireChildProcesses(request.backend);
  const { backend, reference, input, signal, deadline, onProgress, graceMs } = request;
  let tail = '';
  const child = spawnChild(
    { execArgv: [], env: childEnvironment() },
    (text) => {
      tail = (tail + text).slice(-MAX_TAIL_LENGTH);
      process.stderr.write(text);
    },
    program,
  );
  const patience = alarmAt(Number.POSITIVE_INFINITY, true, () => undefined); // keeps this process alive
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
        () => undefined, // child.ended above reports the end
      );
      channel.send({
        type: 'run',
        reference: resolveReference(reference),
        input,
        deadline,
        hostPid: process.pid,
      });
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

/** Builds the error for a process that was killed after its grace period or ended by itself. */
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
    cause: tail.trim() === '' ? undefined : new Error(`Last output on stderr: ${tail.trim()}`),
  });
}
