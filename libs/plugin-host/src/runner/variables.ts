/** What the environment of a plugin's process holds, and all that it holds. */
export const URL_VARIABLE = 'ESPALIER_PLUGIN_URL';
/** Path of a Unix socket on which the host listens as well; where it is set, the network is shut off and it is the only way. */
export const SOCKET_VARIABLE = 'ESPALIER_PLUGIN_SOCKET';
export const TOKEN_VARIABLE = 'ESPALIER_PLUGIN_TOKEN';
