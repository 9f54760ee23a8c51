import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cliError } from '../errors';

/** Writes a new folder; what is there is never written over. @throws CLI_FOLDER_FILLED */
export function writeNewFolder(folder: string, files: Readonly<Record<string, string>>): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw cliError('CLI_FOLDER_FILLED', { folder });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { flag: 'wx' });
  }
}
