/** Opening of a comment in TypeScript, YAML, shell and Markdown. */
const COMMENT = String.raw`(?:\/\/|#|<!--) ?`;
const LINE = new RegExp(`${COMMENT}@legacy(?: -->)?(?: \\|)?$`);
const BEGIN = new RegExp(`^\\s*${COMMENT}@legacy-begin(?: -->)?$`);
const END = new RegExp(`^\\s*${COMMENT}@legacy-end(?: -->)?$`);
const AFTERWARDS = new RegExp(`^(?<indent>\\s*)${COMMENT}@after-legacy: (?<line>.+?)(?: -->)?$`);

/**
 * Returns a text without its marked lines. The markers are comments:
 *
 * - `@legacy` at the end of a line removes the line;
 * - `@legacy-begin` and `@legacy-end`, each on its own line, remove the lines from one to the other;
 * - `@after-legacy: TEXT` on its own line becomes TEXT, for what takes the place of a removed line.
 *
 * @param path Names the file in errors.
 * @throws Error for a block without its beginning or end.
 */
export function removeMarked(path: string, text: string): string {
  if (!text.includes('@legacy') && !text.includes('@after-legacy')) return text;
  const kept: string[] = [];
  let begun: number | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (BEGIN.test(line)) {
      if (begun !== null) throw unbalanced(path, index, 'begins within another block');
      begun = index;
    } else if (END.test(line)) {
      if (begun === null) throw unbalanced(path, index, 'ends no block');
      begun = null;
    } else if (begun === null && !LINE.test(line)) {
      const { indent = '', line: replacement } = AFTERWARDS.exec(line)?.groups ?? {};
      kept.push(replacement === undefined ? line : indent + replacement);
    }
  }
  if (begun !== null) throw unbalanced(path, begun, 'has no end');
  return kept.join('\n');
}

function unbalanced(path: string, index: number, fault: string): Error {
  return new Error(`${path}:${index + 1}: The block of marked lines ${fault}.`);
}
