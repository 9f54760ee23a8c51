/** A run's view as text: a block of lines to redraw, one plain line now and then, and a line at a stage's end. Pure. */
import { keptShare, type DoneStage, type RunEvent, type RunView, type StageView } from '../run-view';
import type { Colours } from './colours';
import { bytes, duration, percent, plural } from './format';

const BAR_WIDTH = 24;
const LAYER_BAR_WIDTH = 20;
/** More layers than this and the block would not fit a screen. */
const MAX_LAYER_LINES = 12;

export interface BlockOptions {
  readonly nowMs: number;
  readonly columns: number;
  readonly style: Colours;
}

/** The live block; each line fits `columns`. */
export function progressBlock(view: RunView, { nowMs, columns, style }: BlockOptions): string[] {
  const fit = (line: string): string => (line.length > columns - 1 ? line.slice(0, columns - 1) : line);
  const elapsed = duration((nowMs - view.startedAt) / 1000);
  const place = view.expected.length > 0 ? `stage ${place1(view)} of about ${view.expected.length}, ` : '';
  const lines: string[] = [];
  if (view.stage) {
    const share = stageShare(view.stage);
    const known = figures(view.stage);
    const left = view.stage.secondsLeft ?? extrapolate(view.stage, nowMs);
    lines.push(
      style.bold(fit(`${view.stage.title.padEnd(10)} ${bar(share, BAR_WIDTH)} ${leftText(left)}`)),
      ...(known.length === 0 ? [] : [fit(`  ${known.join('  ')}`)]),
    );
  } else {
    lines.push(style.bold(fit(view.status === 'running' ? 'handing over ...' : view.status)));
  }
  const shown = view.layers.slice(0, MAX_LAYER_LINES);
  const width = Math.max(0, ...shown.map((layer) => layer.name.length));
  for (const { name, weights, kept } of shown) {
    const share = weights === 0 ? 0 : kept / weights;
    lines.push(
      fit(`  ${name.padEnd(width)}  ${bar(share, LAYER_BAR_WIDTH)} ${percent(share).padStart(8)} kept`),
    );
  }
  if (view.layers.length > shown.length) {
    lines.push(fit(`  and ${plural(view.layers.length - shown.length, 'more layer')}`));
  }
  lines.push(style.dim(fit(`${place}${elapsed} since the start; Ctrl-C stops cleanly`)));
  return lines;
}

/** One plain line for pipes and logs. */
export function progressLine(view: RunView, nowMs: number): string {
  if (!view.stage) return view.status;
  const left = view.stage.secondsLeft ?? extrapolate(view.stage, nowMs);
  const kept = keptShare(view.layers);
  const parts = [
    ...figures(view.stage),
    ...(kept === undefined ? [] : [`kept ${percent(kept)}`]),
    leftText(left),
  ];
  return `${view.stage.title}: ${parts.filter((part) => part !== '').join(', ')}`;
}

/** `retrain 3 done in 42 s: error 1.51 %, kept 2.20 %`. */
export function doneLine(stage: DoneStage): string {
  const facts = [
    ...(stage.error === undefined ? [] : [`error ${percent(stage.error)}`]),
    ...(stage.loss === undefined ? [] : [`loss ${stage.loss.toPrecision(3)}`]),
    ...(stage.keptShare === undefined ? [] : [`kept ${percent(stage.keptShare)}`]),
    ...(stage.bytes === undefined ? [] : [bytes(stage.bytes)]),
  ];
  const how = stage.cached ? 'taken from the cache' : `done in ${duration(stage.seconds)}`;
  return `${stage.title} ${how}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}`;
}

/** `prune 2 is tried again: ...`. */
export function failedLine({ fields }: RunEvent): string {
  const { title = 'a stage', again, message = 'no reason given' } = fields;
  return `${String(title)} ${again === true ? 'is tried again' : 'failed'}: ${String(message)}`;
}

/** What a stage wants to be known, in its own words. */
export function noteLine({ fields }: RunEvent): string {
  const { title = 'a stage', text, code = 'a note without words' } = fields;
  return `${String(title)}: ${String(text ?? code)}`;
}

/** `[########........]`, full at 1. */
export function bar(share: number | undefined, width: number): string {
  if (share === undefined) return `[${'.'.repeat(width)}]`;
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
}

function figures(stage: StageView): string[] {
  const { epoch, epochs, step, steps, loss, error, learningRate } = stage;
  return [
    ...(epoch === undefined
      ? []
      : [`epoch ${Number(epoch.toFixed(1))}${epochs === undefined ? '' : `/${epochs}`}`]),
    ...(epoch !== undefined || step === undefined
      ? []
      : [`step ${step}${steps === undefined ? '' : `/${steps}`}`]),
    ...(loss === undefined ? [] : [`loss ${loss.toPrecision(3)}`]),
    ...(error === undefined ? [] : [`error ${percent(error)}`]),
    ...(learningRate === undefined ? [] : [`rate ${learningRate.toPrecision(2)}`]),
  ];
}

function stageShare({ step, steps, epoch, epochs }: StageView): number | undefined {
  if (step !== undefined && steps) return step / steps;
  if (epoch !== undefined && epochs) return epoch / epochs;
  return undefined;
}

/** Seconds left of the stage, from how far it came in how long. */
function extrapolate(stage: StageView, nowMs: number): number | undefined {
  const share = stageShare(stage);
  if (share === undefined || share <= 0) return undefined;
  return ((nowMs - stage.startedAt) / 1000) * (1 / share - 1);
}

function leftText(seconds: number | undefined): string {
  return seconds === undefined ? '' : `${duration(seconds)} left`;
}

function place1(view: RunView): number {
  return Math.min(view.done.length + 1, view.expected.length);
}
