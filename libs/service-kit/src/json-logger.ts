/** A logger for a process whose output is read by another: one JSON object a line on stderr. */
import type { Logger } from '@espalier/base';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

export function jsonLogger(
  name: string,
  least: LogLevel = 'info',
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
      write(`${JSON.stringify({ time: new Date().toISOString(), level, name, message, ...fields })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
