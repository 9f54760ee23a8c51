import { describePlugin } from '@espalier/plugin-api/testing';
import { builtInPlugin } from './built-in-plugin';

// Ours are held to what everybody's are.
describePlugin(builtInPlugin, { describe, it });
