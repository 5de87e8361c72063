import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable, type WarningSink } from './warnings.js';

/** Reads the text of a file; returns null, with a warning, if it cannot be used. */
export async function readText(
  root: string,
  path: string,
  maxBytes: number,
  warn: WarningSink,
): Promise<string | null> {
  let bytes: Buffer;
  try {
    const file = join(root, path);
    const { size } = await stat(file);
    if (size > maxBytes) {
      const message = `${path} was skipped: ${size} bytes exceed the maximum of ${maxBytes}.`;
      warn({ reason: 'too-large', path, message });
      return null;
    }
    bytes = await readFile(file);
  } catch (error) {
    warn(unreadable(path, error));
    return null;
  }
  const text = decode(bytes, path, warn);
  if (text !== null && text.trim() === '') {
    warn({ reason: 'empty', path, message: `${path} contains no text.` });
    return null;
  }
  return text;
}

function decode(bytes: Buffer, path: string, warn: WarningSink): string | null {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  if (encoding === 'utf-8' && bytes.includes(0)) {
    warn({ reason: 'binary', path, message: `${path} was skipped: it is not a text file.` });
    return null;
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const message = `${path} is not valid ${encoding.toUpperCase()}: invalid bytes were replaced with U+FFFD.`;
    warn({ reason: 'encoding', path, message });
    return new TextDecoder(encoding).decode(bytes);
  }
}
