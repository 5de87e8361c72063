import { idOfRow, type LogChange, type LogKey } from '@switchyard/storage-core/backend';
import type { Change } from '../machine/calls.js';
import type { PageContent } from '../machine/records.js';

/** Content of a page with the rows that it stands for. The machine passes it on without looking into it. */
export type StoredContent = PageContent & { readonly source: LogChange };

/** Returns the text by which the machine names a key. */
export function textOfKey(key: LogKey): string {
  return JSON.stringify(key);
}

/** Returns the key of a text. */
export function keyOfText(text: string): LogKey {
  return JSON.parse(text) as LogKey;
}

/** Returns a change of a store as the machine sees it. */
export function toChange(source: LogChange): Change {
  const { key, position, operations } = source;
  return {
    page: textOfKey(key),
    content: toContent(source),
    position,
    operations: operations.map(({ operation, key: of, position: at }) => ({
      operation,
      page: textOfKey(of ?? key),
      position: at,
    })),
  };
}

/** Returns the rows of a change of the machine. @throws TypeError for one that came from no store. */
export function sourceOf(content: PageContent): LogChange {
  if (!('source' in content)) throw new TypeError('The content of this page came from no store.');
  return (content as StoredContent).source;
}

function toContent(source: LogChange): StoredContent {
  const write = String(source.stamp);
  return source.row === null
    ? { kind: 'deleted', write, source }
    : { kind: 'present', write, id: idOfRow(source.row), source };
}
