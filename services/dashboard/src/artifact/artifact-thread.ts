/** The worker's script. */
import { openArtifact } from './open-artifact';

addEventListener('message', ({ data }: MessageEvent<Uint8Array>) => {
  void openArtifact(data).then((answer) => postMessage(answer));
});
