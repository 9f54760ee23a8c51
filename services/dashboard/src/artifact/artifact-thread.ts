/** The worker's script. */
import { artifactWorker, type ArtifactRequest } from './artifact-worker';

const answer = artifactWorker();
addEventListener('message', ({ data }: MessageEvent<ArtifactRequest>) => {
  void answer(data).then((result) => postMessage(result));
});
