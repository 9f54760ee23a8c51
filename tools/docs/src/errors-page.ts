/** The page `docs/errors.md`: every code with its message, whether a retry can help, and what to do. */
import type { ErrorSource } from './collect-error-tables';
import { ERROR_ADVICE } from './error-advice';

const HEAD = `# Errors

Every error of Espalier has a code that is never renamed or reused; programs recognise errors by it. In the messages,
\`{...}\` stands for what came. _Retry_ says whether the same call may succeed later with nothing changed.

This page is written by \`npm run docs:errors\` from the tables in \`src/errors.ts\` of each project; a test compares them.
`;

export function errorsPage(sources: readonly ErrorSource[]): string {
  return [HEAD, ...sources.map(section)].join('\n').trimEnd() + '\n';
}

/** The codes that a page lists, in its order. */
export function codesOnPage(page: string): string[] {
  return [...page.matchAll(/^### (\w+)$/gm)].map(([, code]) => code);
}

/** Codes that stand in more than one table. */
export function repeatedCodes(sources: readonly ErrorSource[]): string[] {
  const codes = sources.flatMap(({ table }) => Object.keys(table));
  return codes.filter((code, i) => codes.indexOf(code) !== i);
}

function section({ project, table }: ErrorSource): string {
  const entries = Object.entries(table).map(([code, { message, retryable }]) => {
    const advice = ERROR_ADVICE[code];
    return [
      `### ${code}`,
      '',
      '```text',
      message,
      '```',
      '',
      `Retry: ${retryable ? 'yes' : 'no'}.${advice === undefined ? '' : ` ${advice}`}`,
      '',
    ].join('\n');
  });
  return [`## ${project}`, '', ...entries].join('\n');
}
