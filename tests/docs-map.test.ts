import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Keeps docs/README.md a complete map of the documentation, and every link of the documentation alive. */
const root = join(import.meta.dirname, '..');

const pages = [
  ...markdownIn('.', false),
  ...markdownIn('docs', true),
  ...['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((name) => markdownIn(join(parent, name), false)),
  ),
].map((path) => path.replaceAll('\\', '/'));

function markdownIn(folder: string, recursive: boolean): string[] {
  return readdirSync(join(root, folder), { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

/** Text of a page without fenced blocks and code spans, in which brackets are no links. */
function proseOf(page: string): string {
  return readFileSync(join(root, page), 'utf8')
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));
}

interface Link {
  readonly page: string;
  /** Path from the root of the repository. */
  readonly path: string;
  /** The part after `#`; empty without one. */
  readonly anchor: string;
}

/** Links and images of a page that stay in the repository. */
function linksOf(page: string): Link[] {
  return [...proseOf(page).matchAll(/\]\((?<target>[^)\s]+)\)/g)]
    .map(({ groups }) => groups?.target ?? '')
    .filter((target) => !/^(?:https?|mailto):/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      const resolved = path === '' ? page : normalize(join(dirname(page), path)).replaceAll('\\', '/');
      return { page, path: resolved.replace(/\/$/, ''), anchor };
    });
}

/** Anchors of the headings of a page, as code hosts make them. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  const anchors = [...text.matchAll(/^#{1,6} (?<heading>.+)$/gm)].map(({ groups }) => {
    const heading = (groups?.heading ?? '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(anchors);
}

describe('links of the documentation', () => {
  const links = pages.flatMap(linksOf);

  it('are found', () => {
    expect(links.length).toBeGreaterThan(100);
    expect(anchorsOf('docs/ARCHITECTURE.md')).toContain('an-open-libsql-store');
  });

  it('lead to files that exist', () => {
    const dead = links.filter(({ path }) => path.startsWith('..') || !existsSync(join(root, path)));
    expect(dead).toEqual([]);
  });

  it('lead to headings that exist', () => {
    const dead = links.filter(
      ({ path, anchor }) => anchor !== '' && path.endsWith('.md') && !anchorsOf(path).has(anchor),
    );
    expect(dead).toEqual([]);
  });
});

describe('the map in docs/README.md', () => {
  const map = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const entries = map
    .split(/^- /m)
    .slice(1)
    .map((entry) => entry.split('\n\n')[0]?.replaceAll(/\s+/g, ' ') ?? '');

  it('lists every page of docs/ once; the decisions have a list of their own', () => {
    const listed = linksOf('docs/README.md')
      .map(({ path }) => path)
      .filter((path) => path.startsWith('docs/'));
    const expected = pages.filter(
      (page) => page.startsWith('docs/') && page !== 'docs/README.md' && !/^docs\/decisions\/\d/.test(page),
    );
    expect(listed.toSorted()).toEqual(expected.toSorted());
  });

  it('says in one sentence what each page is for', () => {
    const silent = entries.filter((entry) => !/^\[[^\]]+\]\([^)]+\): .{15,}$/.test(entry.trim()));
    expect(silent).toEqual([]);
  });
});

it('lists every decision record once', () => {
  const listed = linksOf('docs/decisions/README.md').map(({ path }) => path);
  const records = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{4}-.*\.md$/.test(name));
  expect(listed.toSorted()).toEqual(records.map((name) => `docs/decisions/${name}`).toSorted());
});

it('runs the command by the name of its package: npx would fetch the bare name, which belongs to someone else', () => {
  const wrong = pages.filter((page) =>
    /^(?:npx|npm (?:i|install|exec)) (?:-\S+ )*switchyard\b/m.test(readFileSync(join(root, page), 'utf8')),
  );
  expect(wrong).toEqual([]);
});
