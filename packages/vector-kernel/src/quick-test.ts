import type { Bounds } from './bounds.js';
import type { QuantizedQuery, RowFacts } from './quantize.js';
import type { CandidateBuffer } from './select.js';
import type { TableRows } from './table-rows.js';

// A test without a square root that rejects nearly all rows inside a scan. It is a valid bound in its own right and
// need not agree with the interval: a row that either of them rejects is certainly not among the nearest.

/** Constants of the test, computed once per query. */
export class QuickTest {
  readonly #table: TableRows;
  readonly #query: QuantizedQuery;
  readonly #bounds: Bounds;

  constructor(table: TableRows, query: QuantizedQuery, bounds: Bounds) {
    this.#table = table;
    this.#query = query;
    this.#bounds = bounds;
  }

  /**
   * Tests `rows` rows of a segment from row `from` on, whose products have been computed, and writes the numbers of
   * those that pass (0 for row `from`) to the table's hits.
   *
   * @param segment Address of the segment.
   * @returns Number of rows that passed.
   */
  pass(segment: number, from: number, rows: number, threshold: number): number {
    const { hits, errors, norms } = this.#table.layout;
    const query = this.#query;
    const bounds = this.#bounds;
    const products = this.#table.layout.products + from * 4;
    const scales = segment + from * 4;
    if (this.#table.metric === 'l2') {
      return this.#table.memory.filterEuclidean(
        products,
        scales,
        scales + errors,
        scales + norms,
        rows,
        2 * query.scale,
        query.normSquared * bounds.shrink,
        bounds.shrink,
        bounds.euclideanReach(threshold),
        hits,
      );
    }
    const { slackPerScale, slackPerError } = bounds.innerProductFilter;
    return this.#table.memory.filterInnerProduct(
      products,
      scales,
      scales + errors,
      rows,
      query.scale,
      slackPerScale,
      slackPerError,
      bounds.innerProductFloor(threshold),
      hits,
    );
  }

  /**
   * Repeats the test: rows seen early passed it with a threshold that has since been lowered. Repeating it on the few
   * that are left makes the candidates a function of the set of rows alone, not of their order in memory.
   */
  repeat(candidates: CandidateBuffer): void {
    const { rows, metric } = this.#table;
    const query = this.#query;
    const bounds = this.#bounds;
    const facts: RowFacts = { scale: 0, error: 0, codeNorm: 0 };
    const { slackPerScale, slackPerError } = bounds.innerProductFilter;
    const floor = bounds.innerProductFloor(candidates.threshold);
    const reach = bounds.euclideanReach(candidates.threshold);
    candidates.keep((at) => {
      rows.readFacts(candidates.rows[at] as number, facts);
      const { scale, error, codeNorm } = facts;
      const product = candidates.products[at] as number;
      if (metric !== 'l2') {
        return scale * (query.scale * product + slackPerScale) + error * slackPerError >= floor;
      }
      const squared =
        query.normSquared * bounds.shrink +
        scale * (scale * codeNorm * bounds.shrink - 2 * query.scale * product);
      const limit = reach + error;
      return squared <= limit * limit;
    });
  }
}
