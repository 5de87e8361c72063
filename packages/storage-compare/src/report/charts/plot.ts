import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Html } from '../html.js';

/** Colors of stores and relations are properties of the style sheet, so that charts follow light and dark. */
export const storeColor = (index: number): string => `var(--store-${index % 6})`;

/** Draws a chart with Observable Plot as SVG without styles of its own, which the page's policy would refuse. */
export function drawPlot(options: Plot.PlotOptions, title: string, description: string): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({ ...options, document: document as unknown as Document }) as SVGSVGElement;
  svg.querySelector('style')?.remove();
  for (const element of [svg, ...svg.querySelectorAll('[style]')]) element.removeAttribute('style');
  // A group's label would be read for each of its marks; the whole chart has one.
  for (const element of svg.querySelectorAll('[aria-label],[aria-description],[aria-hidden]')) {
    for (const name of ['aria-label', 'aria-description', 'aria-hidden']) element.removeAttribute(name);
  }
  svg.setAttribute('class', 'plot');
  svg.setAttribute('role', 'img');
  svg.setAttribute('font-size', '13');
  svg.setAttribute('aria-label', `${title}. ${description}`);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return new Html(svg.outerHTML);
}
