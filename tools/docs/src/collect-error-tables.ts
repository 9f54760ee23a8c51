/** Finds every error table of the workspace: what `src/errors.ts` of a lib, service or tool exports as `...ErrorTable`. */
import type { ErrorTable } from '@espalier/base';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface ErrorSource {
  /** `libs/tensor`. */
  readonly project: string;
  readonly table: ErrorTable;
}

const FOLDERS = ['libs', 'services', 'tools'] as const;

/**
 * @param root the workspace's folder
 * @param load gives what a source file exports: `require`, under a loader that takes TypeScript
 */
export function collectErrorTables(
  root: string,
  load: (file: string) => Readonly<Record<string, unknown>>,
): ErrorSource[] {
  const projects = FOLDERS.flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [],
  );
  return projects.sort().flatMap((project) => {
    const file = join(root, project, 'src/errors.ts');
    if (!existsSync(file)) return [];
    const tables = Object.entries(load(file)).filter(([name]) => name.endsWith('ErrorTable'));
    return tables.map(([, table]) => ({ project, table: table as ErrorTable }));
  });
}
