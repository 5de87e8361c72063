import type { PageData } from '../report/page-data.js';
import { element } from './elements.js';
import { mountExplorer } from './explorer.js';
import { mountLiveBox } from './live-box.js';

const app = document.getElementById('app') as HTMLElement;

async function readData(): Promise<PageData> {
  const packed = atob(document.getElementById('data')?.textContent ?? '');
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text()) as PageData;
}

readData().then(
  (data) => {
    mountExplorer(app, data);
    const live = document.getElementById('live-app');
    if (live !== null) mountLiveBox(live, data);
    document.documentElement.dataset.ready = 'true';
  },
  (error: unknown) => app.append(element('p', { class: 'message' }, `The data cannot be read: ${error}`)),
);
