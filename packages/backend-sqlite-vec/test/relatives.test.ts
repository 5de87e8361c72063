import { selectRelatives } from '@switchyard/storage-core/backend';
import { expect, test } from 'vitest';
import { openAsApplication } from './support/application.js';
import { openOn, tempFile } from './support/temp.js';

/** Metadata that other software may have written, for a page each of whose chunks has one of them. */
const metadata: readonly (string | null)[] = [
  '{"path":["A"]}',
  '{"path":["A","B"]}',
  null,
  '',
  'not JSON',
  '[]',
  '{}',
  '{"path":"A"}',
  '{"path":null}',
  '{"path":{"0":"A"}}',
  '{"path":["A",1]}',
  '{"path":[["A"]]}',
  '{"path":[]}',
  // The same headings in other spellings.
  '{ "path" : [ "A" , "\\u0042" ] }',
  '{"path":["\\u0041","B","caf\\u00e9\\/"]}',
  '{"path":["A","B","café/"]}',
  '{"path":["A","B"],"level":2,"types":["text"]}',
  '{"path":["A\\u0000"]}',
  '{"path":["A\\u0000","\\ud83d\\ude00"]}',
  '{"path":["A","B","\\"]","x"]}',
  '{"path":["A","B","\\"]"]}',
];

test('relatives follow the rule whatever the metadata, as it is read', async () => {
  const path = tempFile();
  const [{ chunkIds: ids }] = await (await openOn(path)).apply([
    {
      kind: 'replacePage',
      version: { library: 'fastify', version: '5' },
      page: { url: '/a' },
      chunks: metadata.map(() => ({
        content: 'text',
        metadata: { types: [], level: 0, path: [] },
        vector: null,
      })),
    },
  ]);
  const application = openAsApplication(path);
  // The triggers of the full-text index refuse metadata that is not JSON; older software had none.
  const triggers = application.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
  for (const { name } of triggers as { name: string }[]) application.exec(`DROP TRIGGER "${name}"`);
  const update = application.prepare('UPDATE documents SET metadata = ? WHERE id = ?');
  for (const [index, text] of metadata.entries()) update.run(text, ids[index]);

  const { catalog } = await openOn(path);
  const outline = (await catalog.chunksByUrl({ library: 'fastify', version: '5' }, '/a')).map(
    ({ id, metadata: { path: headings } }) => ({ id, path: headings }),
  );
  expect(outline).toHaveLength(metadata.length);
  const context = { parent: true, children: 3, precedingSiblings: 2, subsequentSiblings: 2 };
  const found = await catalog.relatives({ ...context, chunkIds: ids });
  for (const [index, id] of ids.entries()) {
    const relatives = found[index];
    const list = (name: 'children' | 'precedingSiblings' | 'subsequentSiblings') =>
      relatives?.[name].map((chunk) => chunk.id);
    expect(
      {
        parent: relatives?.parent?.id ?? null,
        children: list('children'),
        precedingSiblings: list('precedingSiblings'),
        subsequentSiblings: list('subsequentSiblings'),
      },
      metadata[index] ?? 'NULL',
    ).toEqual(selectRelatives(outline, id, context));
  }
});
