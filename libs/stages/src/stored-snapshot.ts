/**
 * A snapshot in a store, tensor by tensor: a stage that needs one kernel after the other holds one at a time, however
 * large the network is. What a stage leaves as it is goes into its output by its digest, unread.
 */
import type { JsonValue } from '@espalier/base';
import type { BlobStore } from '@espalier/store';
import {
  requireTensor,
  tensorBytes,
  tensorFromBytes,
  type Digest,
  type Snapshot,
  type SnapshotManifest,
  type Tensor,
  type TensorEntry,
} from '@espalier/tensor';

/** What a draft's tensors may take before they are written; together they share the disk's time. */
const UNWRITTEN_BYTES = 8 * 2 ** 20;

export class StoredSnapshot {
  private constructor(
    private readonly store: BlobStore,
    readonly id: Digest,
    private readonly manifest: SnapshotManifest,
  ) {}

  /** Throws STORE_MISSING, STORE_MANIFEST. */
  static async open(store: BlobStore, id: Digest): Promise<StoredSnapshot> {
    return new StoredSnapshot(store, id, await store.getManifest(id));
  }

  get network(): JsonValue {
    return this.manifest.network;
  }

  /** Of its tensors, sorted. */
  get names(): string[] {
    return this.manifest.tensors.map(({ name }) => name);
  }

  /** Those of these tensors that there are, checked against their digests. Throws STORE_MISSING, STORE_DIGEST. */
  async load(names: readonly string[]): Promise<Snapshot> {
    const tensors = new Map<string, Tensor>();
    for (const { name, dtype, shape, digest } of this.manifest.tensors) {
      if (!names.includes(name)) continue;
      const bytes = await this.store.get(digest, { verify: true });
      tensors.set(name, tensorFromBytes(dtype, shape, bytes, name));
    }
    return { network: this.manifest.network, tensors, info: this.manifest.info };
  }

  /** Throws TENSOR_MISSING, STORE_MISSING, STORE_DIGEST. */
  async tensor(name: string): Promise<Tensor> {
    return requireTensor(await this.load([name]), name);
  }

  all(): Promise<Snapshot> {
    return this.load(this.names);
  }

  /** A new snapshot that is this one but for what is set. */
  draft(): SnapshotDraft {
    return new SnapshotDraft(this.store, this.manifest);
  }
}

export class SnapshotDraft {
  private readonly entries: Map<string, TensorEntry>;
  private unwritten: Promise<void>[] = [];
  private unwrittenBytes = 0;

  constructor(
    private readonly store: BlobStore,
    private readonly before: SnapshotManifest,
  ) {
    this.entries = new Map(before.tensors.map((entry) => [entry.name, entry]));
  }

  /** Stores a tensor; large ones are not held once this settles. The tensor must not be changed afterwards. */
  async set(name: string, value: Tensor): Promise<void> {
    const { dtype, shape } = value;
    const bytes = tensorBytes(value);
    this.unwritten.push(
      this.store.put(bytes).then((digest) => void this.entries.set(name, { name, dtype, shape, digest })),
    );
    this.unwrittenBytes += bytes.byteLength;
    if (this.unwrittenBytes > UNWRITTEN_BYTES) await this.written();
  }

  /** Stores the manifest. Throws STORE_DISK_FULL. */
  async finish(): Promise<Digest> {
    await this.written();
    const names = [...this.entries.keys()].sort();
    const tensors = names.map((name) => this.entries.get(name) as TensorEntry);
    return this.store.putManifest({ ...this.before, tensors });
  }

  private async written(): Promise<void> {
    const waiting = this.unwritten;
    this.unwritten = [];
    this.unwrittenBytes = 0;
    await Promise.all(waiting);
  }
}
