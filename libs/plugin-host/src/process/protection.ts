/** What holds plugins on this machine, in words: for a log line, and for `espalier doctor`. */
import { newId } from '@espalier/base';
import { openCgroup, type Cgroup } from './cgroup';
import { findConfinement, type Confinement, type ConfinementKind } from './confinement';

export interface Protection {
  readonly by: ConfinementKind;
  /** What does what: `files and network by bubblewrap`. */
  readonly held: readonly string[];
  /** What nothing holds, or a watch that looks ten times a second alone. */
  readonly unlimited: readonly string[];
}

/** Tries out what there is. */
export function findProtection(most?: ConfinementKind): Protection {
  return protectionBy(findConfinement(most));
}

export function protectionBy(confinement: Confinement): Protection {
  return describeProtection(confinement, groupLimits());
}

export function describeProtection(
  { kind, prlimit }: Pick<Confinement, 'kind' | 'prlimit'>,
  groups: Cgroup['limits'],
): Protection {
  const byGroup = (isHeld: boolean): string | undefined => (isHeld ? 'a cgroup' : undefined);
  const watched = 'but for a watch, ten times a second';
  const holders: readonly (readonly [what: string, by: string | undefined, otherwise?: string])[] = [
    ['files', kind === 'bubblewrap' ? kind : undefined],
    ['network', kind === 'none' ? undefined : kind],
    ['memory', prlimit === undefined ? byGroup(groups.memory) : 'prlimit', watched],
    ['processes', byGroup(groups.tasks), watched],
    ['open files', prlimit === undefined ? undefined : 'prlimit'],
  ];
  return {
    by: kind,
    held: holders.flatMap(([what, by]) => (by === undefined ? [] : [`${what} by ${by}`])),
    unlimited: holders.flatMap(([what, by, otherwise]) =>
      by === undefined ? [otherwise === undefined ? what : `${what} (${otherwise})`] : [],
    ),
  };
}

function groupLimits(): Cgroup['limits'] {
  const tried = openCgroup(`espalier-try-${newId()}`, { memoryBytes: 2 ** 30, maxTasks: 16 });
  tried?.remove();
  return tried?.limits ?? { tasks: false, memory: false };
}
