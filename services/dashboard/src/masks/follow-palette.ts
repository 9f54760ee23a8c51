import { paletteFor, type MaskPalette } from './palette';

/** Tells the palette that goes with the text of `element`, now and whenever the theme changes. @returns what ends it */
export function followPalette(element: Element, tell: (palette: MaskPalette) => void): () => void {
  const follow = (): void => tell(paletteFor(element));
  follow();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const theme = new MutationObserver(follow);
  theme.observe(document.documentElement, { attributes: true });
  dark.addEventListener('change', follow);
  return () => {
    theme.disconnect();
    dark.removeEventListener('change', follow);
  };
}
