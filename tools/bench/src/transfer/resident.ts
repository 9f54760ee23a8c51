/** Resident memory of this process, by Linux's account of it. */
import { readFileSync, writeFileSync } from 'node:fs';

/** The most that it had since the last `resetPeak`, in bytes. */
export function peakResidentBytes(): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1]) * 1024;
}

export function resetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5');
}
