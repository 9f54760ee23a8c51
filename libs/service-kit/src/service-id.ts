/** A service keeps its name at the hub in its folder: after a restart it is the same service, with the same store. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@espalier/base';
import { writeFileAtomic } from '@espalier/store';

const FILE = 'service-id';

/** `trainer-k3v9x7q2`, made when the folder has none. */
export async function serviceIdIn(dir: string, name: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, FILE);
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (/^[\w-]{1,100}$/.test(kept.trim())) return kept.trim();
  const made = `${name}-${newId().slice(0, 8)}`;
  await writeFileAtomic(path, `${made}\n`);
  return made;
}
