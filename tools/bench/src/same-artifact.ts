/** Results of the runs that must give an undisturbed run's artifact; the scripts that make them are in test/. */
import type { Circumstances } from './circumstances';

/** docs/results/kill.json, by test/kill/kill-each.ts. */
export interface KillResults {
  readonly version: number;
  readonly bench: 'kill';
  readonly circumstances: Circumstances;
  readonly recipe: string;
  /** The first was left alone. */
  readonly runs: readonly KilledRun[];
  /** Did every run finish, was every process hit, and did all give the same artifact? */
  readonly same: boolean;
}

export interface KilledRun {
  readonly what: string;
  readonly exitCode: number | null;
  readonly seconds: number;
  /** SHA-256 of the artifact; null when there is none. */
  readonly digest: string | null;
  readonly killed: readonly {
    readonly process: string;
    /** In the middle of this stage. */
    readonly stage: string;
    /** How often the stage was handed out and was done. */
    readonly offered: number;
    readonly done: number;
  }[];
}

/** docs/results/namespaces.json, by test/namespaces/run.sh. */
export interface NamespacesResults {
  readonly version: number;
  readonly bench: 'namespaces';
  readonly circumstances: Circumstances;
  readonly recipe: string;
  /** Bytes that left each namespace, by its interface. */
  readonly sentBytes: Readonly<Record<string, number>>;
  readonly digests: { readonly overTheWire: string; readonly inOneProcess: string };
  readonly same: boolean;
}
