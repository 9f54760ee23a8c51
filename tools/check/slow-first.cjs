'use strict';

// jest begins with the files that took longest the last time. Where it has not run before, as on a fresh checkout, it goes by
// their size, and a short file that waits for many processes may come last, alone: these come first.

const { default: Sequencer } = require('@jest/test-sequencer');

/** The longest first. */
const SLOW = [
  'test/dashboard/dashboard.spec.ts',
  'test/dashboard/steering.spec.ts',
  'test/plugins/stranger-path.spec.ts',
  'test/pipeline/swap.spec.ts',
  'test/view/restart.spec.ts',
  'test/plugins/shipped-in-recipes.spec.ts',
  'test/pipeline/swap-refused.spec.ts',
  'test/pipeline/swap-paused.spec.ts',
  'tools/bench/src/plugin-host/hostile-round.spec.ts',
  'tools/cli/src/plugin-check/check-package.spec.ts',
  'libs/plugin-host/src/hostile.spec.ts',
  'libs/engine/src/session/equality.spec.ts',
  'libs/plugin-host/src/load.spec.ts',
  'libs/inference/src/threads/create-threaded-model.spec.ts',
];

class SlowFirst extends Sequencer {
  static SLOW = SLOW;

  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const rank = ({ path }) => {
      const at = SLOW.findIndex((file) => path.endsWith(`/${file}`));
      return at < 0 ? SLOW.length : at;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

module.exports = SlowFirst;
