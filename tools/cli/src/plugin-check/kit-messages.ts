/** What the process that runs the kit tells the one that started it. */
import type { CheckOutcome } from '@espalier/plugin-api/testing';

export type KitMessage =
  | { readonly kind: 'start'; readonly of: string; readonly name: string; readonly advice: string }
  | { readonly kind: 'outcome'; readonly outcome: CheckOutcome }
  | { readonly kind: 'done'; readonly name: string; readonly version: string }
  /** The plugin's module could not be loaded. */
  | { readonly kind: 'broken'; readonly problem: string };
