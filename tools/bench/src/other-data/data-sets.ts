/** Data sets of the same shape as MNIST, for recipes that were made on MNIST. */

export interface OtherData {
  /** As people call it. */
  readonly name: string;
  readonly source: string;
  readonly train: { readonly images: string; readonly labels: string };
  readonly test: { readonly images: string; readonly labels: string };
}

/**
 * All that is changed of a recipe: where its data are. What it holds out stays.
 * @param heldOut as the recipe says
 */
export function dataSets({ train, test }: OtherData, heldOut: number): string[] {
  // JSON is YAML.
  return [`data=${JSON.stringify({ format: 'idx', train, test, heldOut })}`];
}

/** As `espalier eval --data` takes it. */
export function testData({ test }: OtherData): string {
  return `${test.images},${test.labels}`;
}
