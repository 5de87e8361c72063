import { inspect } from 'node:util';

/** Characters that look like nothing, or like another one, except for the plain space. */
const invisible = /(?! )[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;

/** Formats a value on one line, shortened, with invisible characters escaped. */
export function show(value: unknown, maxLength = 300): string {
  const text = escapeInvisible(
    inspect(value, {
      compact: 20,
      depth: 6,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 12,
      maxStringLength: 200,
    }),
  );
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}

/** Replaces invisible characters and halves of surrogate pairs, as in `\u{200b}`. */
export function escapeInvisible(text: string): string {
  return text.replace(invisible, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
