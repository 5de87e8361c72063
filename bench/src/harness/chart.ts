/** A curve, with points in ascending x. */
export interface Curve {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Labels of a chart. */
export interface ChartText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const width = 760;
const height = 460;
const frame = { left: 76, right: 150, top: 48, bottom: 56 };
const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** Draws curves over logarithmic axes as SVG, with a mark for every measured point and lines for the decades. */
export function drawChart(curves: readonly Curve[], text: ChartText): string {
  const points = curves.flatMap((curve) => curve.points);
  const xs = decades(points.map(({ x }) => x));
  const ys = decades(points.map(({ y }) => y));
  const placeX = scale(xs, frame.left, width - frame.right);
  const placeY = scale(ys, height - frame.bottom, frame.top);
  const rules = [
    ...xs.map((x) => {
      const at = placeX(x).toFixed(1);
      return `<line x1="${at}" x2="${at}" y1="${frame.top}" y2="${height - frame.bottom}"/><text x="${at}" y="${height - frame.bottom + 18}" text-anchor="middle">${label(x)}</text>`;
    }),
    ...ys.map((y) => {
      const at = placeY(y);
      return `<line x1="${frame.left}" x2="${width - frame.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/><text x="${frame.left - 8}" y="${(at + 4).toFixed(1)}" text-anchor="end">${label(y)}</text>`;
    }),
  ];
  const ends = spread(curves.map((curve) => placeY(curve.points.at(-1)?.y ?? 1)));
  const drawn = curves.map(({ name, points: own }, index) => {
    const color = colors[index % colors.length] as string;
    const places = own.map(({ x, y }) => `${placeX(x).toFixed(1)},${placeY(y).toFixed(1)}`);
    const dots = places.map((place) => {
      const [x, y] = place.split(',');
      return `<circle cx="${x}" cy="${y}" r="3.5"/>`;
    });
    const last = own.at(-1);
    const labelX = last === undefined ? 0 : placeX(last.x) + 10;
    return `<g fill="${color}"><polyline points="${places.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}<text x="${labelX.toFixed(1)}" y="${((ends[index] ?? 0) + 4).toFixed(1)}" font-weight="600">${toXml(name)}</text></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${toXml(text.title)}">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${frame.left}" y="26" font-size="16" font-weight="600" fill="#222">${toXml(text.title)}</text>
<g stroke="#ddd" fill="#555"><g stroke-width="1">${rules.join('\n').replaceAll('<text', '<text stroke="none"')}</g></g>
<text x="${(frame.left + width - frame.right) / 2}" y="${height - 14}" text-anchor="middle" fill="#222">${toXml(text.x)}</text>
<text transform="translate(20 ${(frame.top + height - frame.bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#222">${toXml(text.y)}</text>
${drawn.join('\n')}
</svg>
`;
}

/** Powers of ten around the values. */
function decades(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

function scale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const low = Math.log10(ticks[0] as number);
  const high = Math.log10(ticks.at(-1) as number);
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

/** Moves overlapping labels apart, keeping their order. */
function spread(places: readonly number[]): number[] {
  const apart = 16;
  const moved = [...places];
  const order = places.map((_, index) => index).sort((a, b) => (places[a] as number) - (places[b] as number));
  for (const [at, index] of order.entries()) {
    const above = order[at - 1];
    if (above !== undefined)
      moved[index] = Math.max(moved[index] as number, (moved[above] as number) + apart);
  }
  return moved;
}

function label(value: number): string {
  return value >= 1_000_000
    ? `${value / 1_000_000}M`
    : value >= 1000
      ? `${value / 1000}k`
      : String(Number(value.toPrecision(1)));
}

function toXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
