/** Colours for a terminal; without one, or with NO_COLOR, the text as it is. */
export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
}

export function colours(enabled: boolean): Colours {
  const style = (code: number) => (text: string) => (enabled ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: style(1), dim: style(2), green: style(32), yellow: style(33), red: style(31) };
}

/** NO_COLOR (https://no-color.org): set and not empty switches colours off. */
export function coloursWanted(isTty: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTty && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
