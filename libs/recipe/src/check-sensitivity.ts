/** Can the sensitivity curves that a recipe asks for be handed in? Found here, not when all is measured. */
import { parametersOf } from '@espalier/models';
import type { Conflict } from './check-recipe';
import type { Recipe } from './recipe-schema';

/** Of the 64 KiB that a message takes, in which a service hands in the result of a stage; the rest is for what stands around it. */
const MAX_CURVE_BYTES = 48 * 1024;
/** A point as msgpack: three names of 26 bytes, three numbers of 9, and the map. */
const POINT_BYTES = 54;
/** A curve without its points: its kernel is named by up to 71 letters. */
const CURVE_BYTES = 96;

export function checkSensitivity({ prune, data, network }: Recipe, conflict: Conflict): void {
  if (!prune?.sensitivity) return;
  const path = ['prune', 'sensitivity'];
  if (data.heldOut === 0) {
    conflict(
      path,
      '"prune.sensitivity" measures on samples that training does not see; set data.heldOut to more than 0',
    );
  }
  const { keep } = prune.sensitivity;
  const seen = new Set<number>();
  const twice = keep.find((share) => seen.size === seen.add(share).size);
  if (twice !== undefined) {
    conflict([...path, 'keep'], `"prune.sensitivity.keep" lists ${twice} twice: leave one out`);
  }
  const kernels = parametersOf(network).filter(({ prunable }) => prunable).length;
  const most = Math.floor((MAX_CURVE_BYTES / kernels - CURVE_BYTES) / POINT_BYTES);
  if (keep.length <= most) return;
  const points = `${kernels} kernels x ${keep.length} shares = ${kernels * keep.length} points`;
  const instead =
    most < 1
      ? `network "${network.name}" has too many for curves: leave "prune.sensitivity" out`
      : `list at most ${most} shares for network "${network.name}"`;
  conflict(
    [...path, 'keep'],
    `"prune.sensitivity" asks for ${points}, more than one result can hold; ${instead}`,
  );
}
