/** For `folder-lock.spec.ts`: a process that tries for the lock of a folder at each word of its parent. */
import { lockFolder, type FolderLock } from '../folder-lock';
import { runsFolder } from '../runs-folder';

const folder = runsFolder(process.argv[2]);
const held: FolderLock[] = [];

process.on('message', (word: 'try' | 'release') => {
  if (word === 'release') {
    for (const lock of held.splice(0)) lock[Symbol.dispose]();
    process.send?.('released');
    return;
  }
  try {
    held.push(lockFolder(folder, 'a contest'));
    process.send?.('won');
  } catch (error) {
    process.send?.((error as { code?: string }).code ?? String(error));
  }
});
process.once('disconnect', () => process.exit(0));
process.send?.('here');
