// The dashboard's page, built where it is missing or its sources have changed. Without it everything else works, so a
// build that fails is told and no more.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runChild } from './children.mjs';

/** @returns whether the page was built, by a look at the digest of its sources. */
export async function dashboardInPlace(root) {
  const stamp = pathToFileURL(path.join(root, 'services/dashboard/stamp.mjs'));
  return (await import(stamp)).isBuilt(path.join(root, 'services/dashboard'));
}

export async function provideDashboard({ root, progress, verbose }) {
  if (await dashboardInPlace(root)) return;
  const build = () =>
    runChild(process.execPath, [path.join(root, 'services/dashboard/build.mjs')], { cwd: root, verbose });
  try {
    await progress.step('dashboard', { seconds: 8 }, build);
  } catch (error) {
    progress.note(`the dashboard could not be built, all else works: ${error.message}`);
  }
}
