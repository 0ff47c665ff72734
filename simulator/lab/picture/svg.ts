// Pieces of SVG as text.

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** Short enough for a picture of some thousand points. */
const px = (value: number) => String(Math.round(value * 10) / 10);

export function rect(x: number, y: number, width: number, height: number, fill: string, more = ''): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${fill}" ${more}/>`;
}

export function segment(x1: number, y1: number, x2: number, y2: number, stroke: string, more = ''): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${stroke}" ${more}/>`;
}

export function group(x: number, y: number, content: string): string {
  return `<g transform="translate(${px(x)},${px(y)})">${content}</g>`;
}

export interface LabelStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly color?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** A rim of this colour, so that it can be read over anything. */
  readonly halo?: string;
}

export function label(x: number, y: number, text: string, { size, bold, color, anchor, halo }: LabelStyle = {}): string {
  const style = [
    size === undefined ? '' : ` font-size="${size}"`,
    bold === true ? ' font-weight="bold"' : '',
    color === undefined ? '' : ` fill="${color}"`,
    anchor === undefined ? '' : ` text-anchor="${anchor}"`,
    halo === undefined ? '' : ` stroke="${halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"`,
  ].join('');
  return `<text x="${px(x)}" y="${px(y)}"${style}>${escaped(text)}</text>`;
}

/** Roughly, px: Chinese characters are as wide as high, the others a little over half of that. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) as number) > 0x2e00 ? size : size * 0.56;
  return width;
}

/** Broken where a value is NaN. */
export function curve(xs: readonly number[], ys: readonly number[], stroke: string, more = ''): string {
  let path = '';
  let isOpen = false;
  ys.forEach((y, i) => {
    if (Number.isNaN(y)) {
      isOpen = false;
      return;
    }
    path += `${isOpen ? 'L' : 'M'}${px(xs[i])},${px(y)}`;
    isOpen = true;
  });
  return `<path d="${path}" fill="none" stroke="${stroke}" stroke-linejoin="round" ${more}/>`;
}

/** From the middle of the arrow towards where the wind blows. */
export function windArrow(x: number, y: number, fromDeg: number, length: number, color: string): string {
  const half = length / 2;
  const head = Math.min(6, Math.max(3, half));
  return `<g transform="translate(${px(x)},${px(y)}) rotate(${Math.round(fromDeg)})" stroke="${color}" fill="${color}"><line y1="${px(-half)}" y2="${px(half - head)}" stroke-width="1.6"/><path d="M0,${px(half)}L${px(-head * 0.6)},${px(half - head)}L${px(head * 0.6)},${px(half - head)}Z" stroke="none"/></g>`;
}
