/** The page's colours for canvases, which know no CSS variables: resolved at an element, again when the theme changes. */
import { Observable, fromEvent, merge, startWith } from 'rxjs';

export type ColourName =
  | 'data-1'
  | 'data-2'
  | 'data-3'
  | 'data-4'
  | 'data-5'
  | 'data-6'
  | 'data-7'
  | 'ink'
  | 'ink-soft'
  | 'line'
  | 'line-strong'
  | 'surface'
  | 'warn';

const DATA: readonly ColourName[] = ['data-1', 'data-2', 'data-3', 'data-4', 'data-5', 'data-6', 'data-7'];

/** From the eighth series on a line is also dashed, so that no two look the same. */
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** So many lines differ by colour alone. */
export const COLOURS_OF_SERIES = DATA.length;

export interface SeriesLooks {
  readonly colour: ColourName;
  readonly dash: readonly number[];
}

export function seriesLooks(index: number): SeriesLooks {
  return { colour: DATA[index % DATA.length], dash: DASHES[Math.floor(index / DATA.length) % DASHES.length] };
}

/** Resolves names at `element`; what it returns is good until the theme changes. */
export function coloursAt(element: HTMLElement): (name: ColourName) => string {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const found = new Map<ColourName, string>();
  return (name) => {
    const held = found.get(name);
    if (held !== undefined) return held;
    probe.style.color = `var(--${name})`;
    const colour = getComputedStyle(probe).color;
    found.set(name, colour);
    return colour;
  };
}

/** Now, and whenever the page's theme changes. */
export const themeChange$: Observable<unknown> = merge(
  new Observable<void>((subscriber) => {
    const observer = new MutationObserver(() => subscriber.next());
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }),
  fromEvent(matchMedia('(prefers-color-scheme: dark)'), 'change'),
).pipe(startWith(undefined));
