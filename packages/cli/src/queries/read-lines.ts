import { withinCall } from '@switchyard/storage-core/backend';
import { CliError } from '../cli-error.js';

/** Far more than a query with a vector needs; a longer line means that the file contains something else. */
const MAX_LINE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Yields the lines of a UTF-8 stream one by one, so that a file of any length needs little memory. The signal also ends
 * the wait for the next line.
 *
 * @throws CliError `CLI_FILE` for a line of more than 4 Mi characters.
 */
export async function* readLines(
  stream: AsyncIterable<Buffer | string>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of untilAborted(stream, signal)) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MAX_LINE_CHARACTERS) {
      throw new CliError('CLI_FILE', 'A line of the query file is too long.', 'Pass a file of JSON lines.');
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await withinCall({ signal }, 'the next line', iterator.next());
      isDone = done === true;
      if (isDone) return;
      yield value;
    }
  } finally {
    // Not awaited: an idle stream only ends with its next chunk.
    if (!isDone) void iterator.return?.().catch(() => undefined);
  }
}
