import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable, type WarningSink } from './warnings.js';

/** The text of a file; null, with a warning, when it is none that can be used. */
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
      const message = `${path} was left out: ${size} bytes are more than ${maxBytes}.`;
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
    warn({ reason: 'empty', path, message: `${path} holds no text.` });
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
    warn({ reason: 'binary', path, message: `${path} was left out: it is not a text.` });
    return null;
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const message = `${path} is not ${encoding.toUpperCase()}: what is not was replaced by U+FFFD.`;
    warn({ reason: 'encoding', path, message });
    return new TextDecoder(encoding).decode(bytes);
  }
}
