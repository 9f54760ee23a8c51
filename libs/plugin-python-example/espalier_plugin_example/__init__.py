"""A plugin of Espalier that is not written in TypeScript: one criterion, over the wire of docs/plugin-protocol.md."""
