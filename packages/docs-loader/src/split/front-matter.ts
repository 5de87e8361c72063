/** A text without its front matter, and the title that the front matter gives. */
export interface WithoutFrontMatter {
  readonly text: string;
  readonly title: string | null;
}

/** Takes YAML front matter (`---` to `---`) off the beginning of a Markdown text. */
export function takeFrontMatter(markdown: string): WithoutFrontMatter {
  const found = /^---[^\S\r\n]*(?:\r\n?|\n)([\s\S]*?)(?:\r\n?|\n)(?:---|\.\.\.)[^\S\r\n]*(?:\r\n?|\n|$)/.exec(
    markdown,
  );
  const yaml = found?.[1];
  // Between two rules there may also stand a text: front matter begins with a key or a comment.
  if (found === null || yaml === undefined || !/^\s*(?:#|["']?[\w$.-]+["']?\s*:(?:\s|$))/.test(yaml)) {
    return { text: markdown, title: null };
  }
  return { text: markdown.slice(found[0].length), title: titleIn(yaml) };
}

function titleIn(yaml: string): string | null {
  const value = /^title[^\S\r\n]*:[^\S\r\n]*(.+)$/m.exec(yaml)?.[1]?.trim();
  if (value === undefined || /^[|>&*{[]/.test(value)) return null;
  const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(value);
  const title = quoted?.[2] ?? value.replace(/\s+#.*$/, '').trim();
  return title === '' ? null : title;
}
