import { drawFigures, drawRecall } from './draw.js';
import { figuresTable, readFigures } from './figures.js';
import { readTables } from './read-tables.js';

const between = /(<!-- figures: npm run bench:pictures -->\n)[\s\S]*?(<!-- end of figures -->)/;

/** Makes the pictures and the ten figures of the page about benchmarks from its own tables. */
export function makePictures(page: string): {
  readonly page: string;
  readonly images: Readonly<Record<string, string>>;
} {
  const results = page.slice(page.indexOf('\n## Results'));
  const tables = readTables(results);
  const figures = readFigures(tables);
  if (!between.test(page)) throw new Error('The page has no place for the figures.');
  return {
    page: page.replace(
      between,
      (_all, start: string, end: string) => `${start}${figuresTable(figures)}\n${end}`,
    ),
    images: {
      'benchmarks.svg': drawFigures(figures),
      'vector-recall.svg': drawRecall(tables.get('Vector search only, with peers') ?? []),
    },
  };
}
