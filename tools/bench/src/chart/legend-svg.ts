/** What lines and marks stand for. */
import { escaped, px, type Colour } from './theme';

export interface LegendEntry {
  readonly name: string;
  readonly colour: Colour;
  readonly dashed?: boolean;
  readonly shape?: 'circle' | 'diamond';
}

const LINE_PX = 20;

export function legendSvg(entries: readonly LegendEntry[], [left, top]: readonly [number, number]): string[] {
  return entries.flatMap(({ name, colour, dashed, shape }, i) => {
    const y = top + i * LINE_PX;
    const dash = dashed ? ' stroke-dasharray="5 4"' : '';
    const middle = left + 12;
    return [
      ...(shape === 'diamond'
        ? [`<path d="M${px(middle)} ${px(y - 6)}l6 6l-6 6l-6 -6z" class="${colour} mark"/>`]
        : [
            `<path d="M${px(left)} ${px(y)}h24" class="${colour}-line" stroke-width="2"${dash}/>`,
            ...(shape === 'circle'
              ? [`<circle cx="${px(middle)}" cy="${px(y)}" r="5" class="${colour} mark"/>`]
              : []),
          ]),
      `<text x="${px(left + 32)}" y="${px(y + 4)}">${escaped(name)}</text>`,
    ];
  });
}
