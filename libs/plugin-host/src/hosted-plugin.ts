/** A loaded plugin over its backend: faces, statistics, drain. */
import { errorCode, errorMessage, type Clock } from '@espalier/base';
import {
  type Observation,
  type ObservedEvent,
  type PluginManifest,
  type PluginPin,
} from '@espalier/plugin-api';
import type { Observable } from 'rxjs';
import { pluginHostError } from './errors';
import { Faces } from './faces';
import type { DrainResult, LoadedPlugin, PluginStatistics } from './loaded-plugin';
import {
  KIND_OF_METHOD,
  type AnswerOf,
  type Backend,
  type Invocation,
  type Method,
  type ObserveOptions,
} from './methods';
import { CallStatistics } from './statistics';

export interface HostedPluginOptions {
  readonly ref: PluginPin;
  readonly manifest: PluginManifest;
  readonly where: LoadedPlugin['where'];
  readonly backend: Backend;
  readonly clock: Clock;
  readonly statistics?: CallStatistics;
  /** Ends where it runs: process, connection. */
  readonly end?: () => Promise<void>;
}

type Face = Pick<
  Faces,
  'criterion' | 'granularity' | 'schedule' | 'codec' | 'quantizer' | 'regrowth' | 'observer'
>;

export class HostedPlugin implements LoadedPlugin, Face {
  readonly ref: PluginPin;
  readonly manifest: PluginManifest;
  readonly where: LoadedPlugin['where'];
  readonly criterion: Face['criterion'];
  readonly granularity: Face['granularity'];
  readonly schedule: Face['schedule'];
  readonly codec: Face['codec'];
  readonly quantizer: Face['quantizer'];
  readonly regrowth: Face['regrowth'];
  readonly observer: Face['observer'];
  private readonly counts: CallStatistics;
  private closing = false;
  private ended: Promise<void> | undefined;
  /** Rejects the calls that are still under way when the plugin ends. */
  private readonly underWay = new Set<(error: Error) => void>();
  private onIdle: () => void = () => undefined;

  constructor(private readonly options: HostedPluginOptions) {
    this.ref = options.ref;
    this.manifest = options.manifest;
    this.where = options.where;
    this.counts = options.statistics ?? new CallStatistics(options.clock);
    const faces = new Faces(options.manifest, {
      invoke: (invocation, check) => this.invoke(invocation, check),
      observe: (name, events$, context) => this.observe(name, events$, context),
    });
    this.criterion = faces.criterion.bind(faces);
    this.granularity = faces.granularity.bind(faces);
    this.schedule = faces.schedule.bind(faces);
    this.codec = faces.codec.bind(faces);
    this.quantizer = faces.quantizer.bind(faces);
    this.regrowth = faces.regrowth.bind(faces);
    this.observer = faces.observer.bind(faces);
  }

  get statistics(): PluginStatistics {
    return this.counts.snapshot();
  }

  async drain(deadlineMs: number): Promise<DrainResult> {
    this.closing = true;
    const waiting = this.underWay.size;
    if (waiting > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadlineMs);
        this.onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const unanswered = this.underWay.size;
    await this[Symbol.asyncDispose]();
    return { answered: waiting - unanswered, unanswered };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.closing = true;
    for (const fail of [...this.underWay]) fail(this.closed());
    this.ended ??= this.options.end?.() ?? Promise.resolve();
    return this.ended;
  }

  private invoke<M extends Method>(
    invocation: Invocation<M>,
    check: (answer: unknown) => AnswerOf<M>,
  ): Promise<AnswerOf<M>> {
    if (this.closing) return Promise.reject(this.closed());
    return this.counts.count(
      () =>
        new Promise<AnswerOf<M>>((resolve, reject) => {
          const settle = (then: () => void): void => {
            if (!this.underWay.delete(fail)) return;
            then();
            if (this.underWay.size === 0) this.onIdle();
          };
          const fail = (error: Error): void => settle(() => reject(error));
          this.underWay.add(fail);
          this.options.backend.invoke(invocation, check).then(
            (answer) => settle(() => resolve(answer)),
            (error: unknown) => fail(this.named(invocation, error)),
          );
        }),
    );
  }

  private observe(
    name: string,
    events$: Observable<ObservedEvent>,
    context: ObserveOptions,
  ): Observable<Observation> {
    if (this.closing) throw this.closed();
    return this.options.backend.observe(name, events$, context);
  }

  /** An error of ours as it is; what the plugin's own code threw, by its place. */
  private named({ method, name }: Invocation, error: unknown): Error {
    if (errorCode(error)?.startsWith('PLUGIN_')) return error as Error;
    const kind = KIND_OF_METHOD[method];
    const plugin = this.manifest.name;
    return pluginHostError(
      'PLUGIN_THREW',
      { plugin, kind, name, reason: errorMessage(error) },
      { cause: error },
    );
  }

  private closed(): Error {
    return pluginHostError('PLUGIN_CLOSED', { plugin: this.manifest.name });
  }
}
