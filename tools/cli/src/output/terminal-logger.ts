/** A lib's log on the terminal: warnings always, the rest with --debug. */
import type { Logger } from '@espalier/base';
import type { Terminal } from './terminal';

export function terminalLogger(terminal: Pick<Terminal, 'note'>, debug: boolean): Logger {
  const say = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    const more = Object.entries(fields ?? {}).map(([name, value]) => ` ${name}=${String(value)}`);
    terminal.note(`${message}${more.join('')}`);
  };
  const ifDebug = debug ? say : (): void => undefined;
  return { debug: ifDebug, info: ifDebug, warn: say, error: say };
}
