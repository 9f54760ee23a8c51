export {
  copyHostile,
  HOSTILE_LIMITS,
  HOSTILE_PLUGINS,
  hostileFolder,
  processesIn,
  tryHostile,
  type HostileOutcome,
  type HostilePlugin,
} from './hostile';
