import { describeProtection } from './protection';

const ALL = { tasks: true, memory: true };
const NONE = { tasks: false, memory: false };

describe('what holds plugins', () => {
  it('is all of it where there are bubblewrap, prlimit and cgroups', () => {
    expect(describeProtection({ kind: 'bubblewrap', prlimit: '/usr/bin/prlimit' }, ALL)).toEqual({
      by: 'bubblewrap',
      held: [
        'files by bubblewrap',
        'network by bubblewrap',
        'memory by prlimit',
        'processes by a cgroup',
        'open files by prlimit',
      ],
      unlimited: [],
    });
  });

  it('leaves the files open under unshare alone, and memory to a cgroup where there is no prlimit', () => {
    const { held, unlimited } = describeProtection({ kind: 'unshare' }, ALL);
    expect(held).toEqual(['network by unshare', 'memory by a cgroup', 'processes by a cgroup']);
    expect(unlimited).toEqual(['files', 'open files']);
  });

  it('is a watch alone where there is nothing, and says so', () => {
    const { held, unlimited } = describeProtection({ kind: 'none' }, NONE);
    expect(held).toEqual([]);
    expect(unlimited.join()).toMatch(/^files,network,memory \(.* watch.*\),processes \(.*\),open files$/);
  });
});
