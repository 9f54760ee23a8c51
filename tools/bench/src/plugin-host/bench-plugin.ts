/** A plugin as a package folder: magnitudes, and a version that can be told from them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePlugin, type Plugin } from '@espalier/plugin-api';

export const BENCH_PLUGIN = 'espalier-bench-plugin';

/** Version `number.0.0` scores |w| + number. */
export function writeBenchPlugin(folder: string, number: number): string {
  const own = join(folder, `v${number}`);
  mkdirSync(own, { recursive: true });
  const version = `${number}.0.0`;
  writeFileSync(
    join(own, 'package.json'),
    JSON.stringify({ name: BENCH_PLUGIN, version, main: 'plugin.cjs' }),
  );
  writeFileSync(
    join(own, 'plugin.cjs'),
    `module.exports = {
  name: '${BENCH_PLUGIN}',
  version: '${version}',
  host: '^1.0.0',
  criteria: { mine: { needs: ['weights'], score: ${score.toString()}(${number}) } },
};
`,
  );
  return own;
}

/** The same in the host's process. */
export function benchPlugin(number: number): Plugin {
  return definePlugin({
    name: BENCH_PLUGIN,
    version: `${number}.0.0`,
    host: '^1.0.0',
    criteria: { mine: { needs: ['weights'], score: score(number) } },
  });
}

/** Its text is the plugin's: nothing from outside. */
function score(number: number): (input: { readonly weights: Float32Array }) => Float32Array {
  return ({ weights }) => {
    const scores = new Float32Array(weights.length);
    for (let i = 0; i < scores.length; i++) scores[i] = Math.abs(weights[i]) + number;
    return scores;
  };
}
