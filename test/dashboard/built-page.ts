/** The page as its sources are now: set-up builds it too, before `npm test`, but nothing else does while one works on it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const SCRIPT = `const { isBuilt } = await import('./services/dashboard/stamp.mjs');
if (!isBuilt('services/dashboard')) await import('./services/dashboard/build.mjs');`;

export function buildPage(): void {
  const args = ['--input-type=module', '-e', SCRIPT];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the page could not be built: ${stderr}`);
}
