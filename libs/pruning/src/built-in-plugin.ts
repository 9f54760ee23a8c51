/** What comes with Espalier, by the interface that everybody's contributions go through. */
import { definePlugin } from '@espalier/plugin-api';
import { fisher } from './criteria/fisher';
import { magnitude } from './criteria/magnitude';
import { magnitudeNormalised } from './criteria/magnitude-normalised';
import { random } from './criteria/random';
import { taylor } from './criteria/taylor';
import { taylorUnit } from './criteria/taylor-unit';
import { unit } from './granularity/unit';
import { weight } from './granularity/weight';
import { cubic } from './schedules/cubic';
import { linear } from './schedules/linear';
import { oneShot } from './schedules/one-shot';

/** Its names are used bare in a recipe. What it computes is covered by the versions of the stages, not by its own. */
export const builtInPlugin = definePlugin({
  name: '@espalier/pruning',
  version: '1.0.0',
  host: '^1.0.0',
  description: 'What comes with Espalier.',
  criteria: {
    magnitude,
    'magnitude-normalised': magnitudeNormalised,
    random,
    fisher,
    taylor,
    'taylor-unit': taylorUnit,
  },
  // `neuron` and `filter` are what a unit is in a dense and a conv layer.
  granularities: { weight, unit, neuron: unit, filter: unit },
  schedules: { 'one-shot': oneShot, linear, cubic },
});
