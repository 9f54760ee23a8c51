/** How pictures look: readable on a light and on a dark page, as the reader has it; colour-blind safe (Okabe & Ito). */

/** On light, on dark. */
const INKS = {
  paper: ['#ffffff', '#0d1117'],
  ink: ['#24292f', '#e6edf3'],
  soft: ['#59636e', '#9198a1'],
  grid: ['#dde2e7', '#2a3038'],
} as const;

const COLOURS = {
  blue: ['#0072b2', '#4ba3dd'],
  vermilion: ['#d55e00', '#f0803c'],
  green: ['#009e73', '#2cc295'],
  purple: ['#cc79a7', '#e09cc3'],
  sky: ['#56b4e9', '#9ad4f7'],
  grey: ['#8a929a', '#7d858d'],
} as const;

export type Colour = keyof typeof COLOURS;

/** The frame of a picture: its size, its colours, and `body`. */
export function pictureSvg(
  size: { readonly width: number; readonly height: number },
  body: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="Helvetica, Arial, sans-serif" font-size="12" class="ink">`,
    `<style>${rules(0)}@media (prefers-color-scheme: dark) {${rules(1)}}</style>`,
    '<rect width="100%" height="100%" class="paper"/>',
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Coordinates to a tenth of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** `.grid` is for lines; of a colour, `.x` fills, `.x-line` draws. */
function rules(page: 0 | 1): string {
  const fills = Object.entries(INKS).map(([name, shades]) =>
    name === 'grid' ? `.grid{stroke:${shades[page]}}` : `.${name}{fill:${shades[page]}}`,
  );
  const colours = Object.entries(COLOURS).map(
    ([name, shades]) => `.${name}{fill:${shades[page]}}.${name}-line{stroke:${shades[page]};fill:none}`,
  );
  // An outline in the colour of the page keeps marks and labels apart from what they lie on.
  const paper = INKS.paper[page];
  const apart = [`.mark{stroke:${paper}}`, `.label{stroke:${paper};stroke-width:3;paint-order:stroke}`];
  return [...fills, ...colours, ...apart].join('');
}
