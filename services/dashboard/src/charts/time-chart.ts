/**
 * A chart over steps: uPlot has axes, grid, cursor and selection; the lines are drawn by `trace`, since each series has
 * steps of its own. Draws at most once a frame, whatever changes.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Buckets } from '@espalier/protocol/view';
import type { Subscription } from 'rxjs';
import { BarRaster, pixelOf } from './bar-raster';
import { barsOn, drawDot, drawDots } from './chart-pens';
import { coloursAt, themeChange$, type ColourName } from './colours';
import { linearTicks, logTicks } from './ticks';
import { extentWithin, trace, type Frame, type Pen } from './trace';
import type { Span } from './window';

export interface ChartSeries {
  readonly name: string;
  readonly label: string;
  readonly colour: ColourName;
  readonly dash?: readonly number[];
  readonly buckets: Buckets;
  /** `steps`: a value holds until the next; `marked`: a line with its measurements; `dots`: those alone. */
  readonly form?: 'line' | 'steps' | 'marked' | 'dots';
}

/** A step that matters: a round or a stage begins, or another criterion scores from here on. */
export interface Marker {
  readonly x: number;
  readonly label: string;
  /** Default: `stage`. */
  readonly kind?: 'stage' | 'scorer';
}

export interface ChartState {
  readonly series: readonly ChartSeries[];
  readonly markers: readonly Marker[];
  readonly span: Span;
  readonly log?: boolean;
  /** The scale begins at 0. */
  readonly fromZero?: boolean;
}

export interface TimeChartOptions {
  /** Of a value on the axis. */
  format(value: number): string;
  /** Charts of the same key show the cursor at the same step. */
  readonly syncKey?: string;
  /** Steps were selected with the mouse. */
  onSelect?(span: Span): void;
  /** Pinched, or Ctrl and the wheel: `factor` below 1 zooms in, around a place from 0 (left) to 1. */
  onZoom?(factor: number, around: number): void;
  /** Swiped sideways, or Shift and the wheel: by a share of what is shown. */
  onMove?(share: number): void;
  /** The step under the cursor; undefined when it has left. */
  onCursor?(step: number | undefined): void;
  readonly height: number;
}

const FONT = '12px system-ui, "DejaVu Sans", sans-serif';
/** Charts are kept drawn this far beyond what is seen, in screens. */
const NEAR = '200% 0px';
const LINE_PX = 1.6;
const DOT_PX = 3.6;
const MARK_PX = 2.6;
const THINNEST_ROUND_PX = 18;
/** Labels of who scores stand below those of rounds, which begin at the same steps. */
const LABEL_ROW_PX = 14;
/** A turn of an ordinary wheel is 100 pixels: to two thirds. */
const ZOOM_A_PIXEL = 0.004;

export class TimeChart {
  readonly #element: HTMLElement;
  readonly #options: TimeChartOptions;
  readonly #plot: uPlot;
  readonly #resizes: ResizeObserver;
  readonly #themes: Subscription;
  #state: ChartState = { series: [], markers: [], span: { from: 0, to: 1 } };
  #colour: (name: ColourName) => string;
  #frame = 0;
  #raster: BarRaster | undefined;
  readonly #bars = document.createElement('canvas');
  /** In ordinary memory: it is written to at every frame. */
  readonly #onBars = this.#bars.getContext('2d', { willReadFrequently: true });
  readonly #views: IntersectionObserver;
  /** Nobody sees a chart that is scrolled away: it is drawn when it comes into view. */
  #inView = false;
  #dirty = false;

  constructor(element: HTMLElement, options: TimeChartOptions) {
    this.#element = element;
    this.#options = options;
    this.#colour = coloursAt(element);
    this.#plot = new uPlot(
      this.#plotOptions(),
      [
        [0, 1],
        [null, null],
      ],
      element,
    );
    this.#resizes = new ResizeObserver(([{ contentRect }]) =>
      this.#plot.setSize({ width: Math.max(120, contentRect.width), height: options.height }),
    );
    this.#resizes.observe(element);
    this.#views = new IntersectionObserver(
      (entries) => {
        this.#inView = entries.at(-1)?.isIntersecting ?? true;
        if (this.#inView && this.#dirty) this.#schedule();
      },
      { rootMargin: NEAR },
    );
    this.#views.observe(element);
    // Not passive: a pinch would zoom the page. Plain turns of the wheel scroll the page, as everywhere.
    element.addEventListener('wheel', this.#turned, { passive: false });
    this.#themes = themeChange$.subscribe(() => {
      this.#colour = coloursAt(element);
      this.#schedule();
    });
  }

  /** Shows this from the next frame on. */
  show(state: ChartState): void {
    this.#state = state;
    this.#schedule();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#element.removeEventListener('wheel', this.#turned);
    this.#resizes.disconnect();
    this.#views.disconnect();
    this.#themes.unsubscribe();
    this.#plot.destroy();
  }

  readonly #turned = (event: WheelEvent): void => {
    const { onZoom, onMove } = this.#options;
    const { width, left } = this.#plot.over.getBoundingClientRect();
    const isZoom = event.ctrlKey || event.metaKey;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (!isZoom && Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
    event.preventDefault();
    if (isZoom) onZoom?.(Math.exp(event.deltaY * ZOOM_A_PIXEL), (event.clientX - left) / width);
    else onMove?.(sideways / width);
  };

  #schedule(): void {
    this.#dirty = true;
    if (this.#frame !== 0 || !this.#inView) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#dirty = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { span } = this.#state;
    const y = this.#verticalRange();
    this.#plot.batch(() => {
      this.#plot.setScale('x', { min: span.from, max: span.to });
      this.#plot.setScale('y', { min: y.low, max: y.high });
      this.#plot.redraw(false, true);
    });
  }

  #verticalRange(): { readonly low: number; readonly high: number } {
    const { series, span, fromZero } = this.#state;
    const log = this.#isLog();
    let low = Infinity;
    let high = -Infinity;
    for (const { buckets } of series) {
      const extent = extentWithin(buckets, span.from, span.to);
      if (!extent) continue;
      low = Math.min(low, log ? extent.lowPositive : extent.low);
      high = Math.max(high, extent.high);
    }
    if (!(low <= high)) return log ? { low: 0.1, high: 1 } : { low: 0, high: 1 };
    if (log) return { low: low / 1.15, high: high * 1.15 };
    const room = (high - low || Math.abs(high) || 1) * 0.06;
    return { low: fromZero && low >= 0 ? 0 : low - room, high: high + room };
  }

  /** Only where there is something above 0. */
  #isLog(): boolean {
    const { log, series, span } = this.#state;
    if (!log) return false;
    return series.some(({ buckets }) => {
      const extent = extentWithin(buckets, span.from, span.to);
      return extent !== undefined && Number.isFinite(extent.lowPositive);
    });
  }

  #plotOptions(): uPlot.Options {
    const { format, height, onSelect, onCursor, syncKey } = this.#options;
    const line = { stroke: () => this.#colour('line'), width: 1 };
    const axis = { stroke: () => this.#colour('ink-soft'), grid: line, ticks: line, font: FONT };
    const follow = (type: string): boolean => type === 'mousemove' || type === 'mouseleave';
    return {
      width: Math.max(120, this.#element.clientWidth),
      height,
      legend: { show: false },
      cursor: {
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
        y: false,
        ...(syncKey === undefined
          ? {}
          : { sync: { key: syncKey, scales: ['x', null], filters: { pub: follow, sub: follow } } }),
      },
      series: [{}, { scale: 'y' }],
      scales: {
        x: { time: false, auto: false },
        y: {
          auto: false,
          // uPlot asks at each drawing; a function, so that one chart may change.
          distr: 100,
          fwd: (value) => (this.#isLog() ? Math.log10(Math.max(value, Number.MIN_VALUE)) : value),
          bwd: (value) => (this.#isLog() ? 10 ** value : value),
        },
      },
      axes: [
        {
          ...axis,
          size: 30,
          space: 70,
          values: (_plot, steps) => steps.map((step) => step.toLocaleString('en-GB')),
        },
        {
          ...axis,
          size: 62,
          space: 28,
          // Ours are few enough; uPlot would leave out those between powers of ten.
          filter: (_plot, splits) => splits,
          splits: (_plot, _axis, low, high) => this.#verticalTicks(low, high),
          values: (_plot, values) => values.map((value) => (value === null ? '' : format(value))),
        },
      ],
      hooks: {
        drawAxes: [(plot) => this.#drawMarkers(plot)],
        draw: [(plot) => this.#drawSeries(plot)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 4) return;
            onSelect?.({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') });
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [
          (plot) => {
            const { left } = plot.cursor;
            onCursor?.(left === undefined || left < 0 ? undefined : plot.posToVal(left, 'x'));
          },
        ],
      },
    };
  }

  /** The same one as long as the chart has its size, and empty. */
  #rasterOf({ left, top, width, height }: Frame): BarRaster {
    const area = {
      left: Math.round(left),
      top: Math.round(top),
      width: Math.round(width),
      height: Math.round(height),
    };
    if (JSON.stringify(this.#raster?.area) === JSON.stringify(area)) this.#raster?.clear();
    else this.#raster = new BarRaster(area);
    return this.#raster as BarRaster;
  }

  /** By way of a canvas, so that what lies below stays where there are no bars. */
  #copy(ctx: CanvasRenderingContext2D, { area: { left, top, width, height }, bytes }: BarRaster): void {
    if (this.#bars.width !== width) this.#bars.width = width;
    if (this.#bars.height !== height) this.#bars.height = height;
    this.#onBars?.putImageData(new ImageData(bytes, width, height), 0, 0);
    ctx.drawImage(this.#bars, left, top);
  }

  #verticalTicks(low: number, high: number): number[] {
    return this.#isLog()
      ? logTicks(low, high)
      : linearTicks(low, high, Math.max(2, this.#options.height / 42));
  }

  #frameOf({ bbox, scales }: uPlot): Frame {
    const { left, top, width, height } = bbox;
    const { span } = this.#state;
    const { min, max } = scales['y'];
    return { left, top, width, height, ...span, low: min ?? 0, high: max ?? 1, log: this.#isLog() };
  }

  #drawMarkers(plot: uPlot): void {
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.lineWidth = ratio;
    ctx.font = FONT.replace('12px', `${11 * ratio}px`);
    ctx.textBaseline = 'top';
    ctx.textAlign = 'left';
    const free = { stage: left, scorer: left };
    for (const { x, label, kind = 'stage' } of this.#state.markers) {
      const at = Math.round(plot.valToPos(x, 'x', true)) + 0.5;
      if (at < left || at > left + width) continue;
      const isScorer = kind === 'scorer';
      ctx.strokeStyle = this.#colour(isScorer ? 'ink' : 'line-strong');
      ctx.fillStyle = this.#colour(isScorer ? 'ink' : 'ink-soft');
      ctx.setLineDash(isScorer ? [8 * ratio, 3 * ratio] : [2 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(at, top);
      ctx.lineTo(at, top + height);
      ctx.stroke();
      if (at < free[kind]) continue;
      const text = isScorer ? `⇄ ${label}` : label;
      const length = ctx.measureText(text).width;
      // At the right edge it stands before its line, where there is room.
      const isCut = at + 3 * ratio + length > left + width && at - 3 * ratio - length > free[kind];
      const row = (2 + (isScorer ? LABEL_ROW_PX : 0)) * ratio;
      ctx.fillText(text, isCut ? at - 3 * ratio - length : at + 3 * ratio, top + row);
      free[kind] = at + Math.max(isCut ? 0 : length + 8 * ratio, THINNEST_ROUND_PX * ratio);
    }
    ctx.restore();
  }

  #drawSeries(plot: uPlot): void {
    const { ctx } = plot;
    const frame = this.#frameOf(plot);
    const ratio = devicePixelRatio;
    const raster = this.#rasterOf(frame);
    ctx.save();
    ctx.beginPath();
    ctx.rect(frame.left, frame.top, frame.width, frame.height);
    ctx.clip();
    ctx.lineJoin = 'round';
    ctx.lineWidth = LINE_PX * ratio;
    for (const { buckets, colour, dash = [], form = 'line' } of this.#state.series) {
      if (form === 'dots') continue;
      ctx.strokeStyle = this.#colour(colour);
      ctx.fillStyle = ctx.strokeStyle;
      const dashes = dash.map((length) => length * ratio);
      ctx.setLineDash(dashes);
      ctx.beginPath();
      const bar = barsOn(raster, {
        pixel: pixelOf(this.#colour(colour)),
        dashes,
        thickness: LINE_PX * ratio,
      });
      const pen: Pen = {
        moveTo: (x, y) => ctx.moveTo(x, y),
        lineTo: (x, y) => ctx.lineTo(x, y),
        dot: (x, y) => drawDot(ctx, x, y, DOT_PX * ratio),
        bar,
      };
      trace(buckets, frame, pen, { steps: form === 'steps' });
      ctx.stroke();
    }
    if (raster.used) this.#copy(ctx, raster);
    ctx.restore();
    // Whole, also at the edge, and on top.
    for (const { buckets, colour, form } of this.#state.series) {
      if (form !== 'dots' && form !== 'marked') continue;
      ctx.fillStyle = this.#colour(colour);
      drawDots(ctx, buckets, frame, (form === 'dots' ? DOT_PX : MARK_PX) * ratio);
    }
  }
}
