/** A contribution of each kind in Python: what is computed, and how a call comes in and its answer goes out (docs/plugin-protocol.md). */
import type { ContributionKind } from '@espalier/plugin-api';

export type PythonKind = Exclude<ContributionKind, 'observer'>;

export interface PythonCode {
  /** Beside kind and name in the manifest, in Python's notation. */
  readonly manifest: string;
  /** The body of `handle(method, name, call_input, options, tensors)`. */
  readonly handle: string;
  /** What its test says, and the body of that test. */
  readonly tested: string;
  readonly test: string;
}

export const PYTHON_CODE: Readonly<Record<PythonKind, PythonCode>> = {
  criterion: {
    manifest: `"needs": ["weights"]`,
    handle: `scores = array("f", (abs(weight) for weight in tensors["weights"]))
return {}, [("scores", "float32", [len(scores)], scores)]`,
    tested: 'the_smaller_weight_goes_first',
    test: `tensors = {"weights": array("f", [-2.0, 1.0])}
_, [(_, _, _, scores)] = handle("score", NAME, {"shape": [1, 2]}, {}, tensors)
self.assertGreater(scores[0], scores[1])`,
  },
  granularity: {
    manifest: `"description": "Weights go in pairs of neighbours."`,
    handle: `size = prod(call_input["shape"])
groups = array("I", (i // 2 for i in range(size)))
return {"count": (size + 1) // 2}, [("of", "uint32", [size], groups)]`,
    tested: 'neighbours_go_together_and_the_odd_one_by_itself',
    test: `value, [(_, _, _, groups)] = handle("groups", NAME, {"shape": [1, 5]}, {}, {})
self.assertEqual(value, {"count": 3})
self.assertEqual(list(groups), [0, 0, 1, 1, 2])`,
  },
  schedule: {
    manifest: `"options": {"power": {"type": "number", "default": 2, "minimum": 1, "maximum": 9, "description": "The larger, the later."}}`,
    handle: `return {"completions": [progress ** options["power"] for progress in call_input["progresses"]]}, []`,
    tested: 'less_than_half_is_done_at_half_time',
    test: `value, _ = handle("completion", NAME, {"progresses": [0.5]}, {"power": 2}, {})
self.assertLess(value["completions"][0], 0.5)`,
  },
  codec: {
    manifest: `"description": "Four bytes a weight, as they are."`,
    handle: `if method == "encode":
    content = array("B", tensors["values"].tobytes())
    return {}, [("bytes", "uint8", [len(content)], content)]
size = prod(call_input["shape"])
content = tensors["bytes"].tobytes()
if len(content) != 4 * size:
    raise ValueError(f"expected {4 * size} bytes, got {len(content)}")
values = array("f", content)
if not all(map(isfinite, values)):
    raise ValueError("the bytes hold a value that is not finite")
return {}, [("values", "float32", [size], values)]`,
    tested: 'what_was_encoded_is_decoded',
    test: `values = array("f", [0.5, 0.0])
_, [(_, _, _, content)] = handle("encode", NAME, {"shape": [1, 2]}, {}, {"values": values})
_, [(_, _, _, decoded)] = handle("decode", NAME, {"shape": [1, 2]}, {}, {"bytes": content})
self.assertEqual(decoded, values)`,
  },
  quantizer: {
    manifest: `"description": "8 bits a weight, one scale a layer."`,
    handle: `values = tensors["values"]
largest = max((abs(value) for value in values), default=0.0)
scale = array("f", [largest / 127 if largest > 0 else 1.0])
codes = array("b", (max(-127, min(127, round(value / scale[0]))) for value in values))
return {"kind": "affine"}, [("codes", "int8", [len(codes)], codes), ("scales", "float32", [1], scale)]`,
    tested: 'the_largest_weight_has_the_largest_code_and_0_stays',
    test: `tensors = {"values": array("f", [-3.0, 0.0])}
value, [(_, _, _, codes), _] = handle("quantize", NAME, {"shape": [1, 2]}, {}, tensors)
self.assertEqual((value, list(codes)), ({"kind": "affine"}, [-127, 0]))`,
  },
  regrowth: {
    manifest: `"needs": ["weights", "gradients"]`,
    handle: `size = prod(call_input["shape"])
mask = array("B", tensors["mask"])
gradients = tensors["gradients"]
# A tenth of what is removed returns, by the largest gradient; the mask has one bit a weight, the least significant first.
removed = [i for i in range(size) if not mask[i >> 3] >> (i & 7) & 1]
for i in sorted(removed, key=lambda i: -abs(gradients[i]))[: len(removed) // 10]:
    mask[i >> 3] |= 1 << (i & 7)
return {}, [("mask", "bit", [size], mask)]`,
    tested: 'the_weight_with_the_largest_gradient_returns',
    test: `gradients = array("f", [float(i) for i in range(16)])
tensors = {"mask": array("B", [0, 0]), "gradients": gradients}
_, [(_, _, _, mask)] = handle("regrow", NAME, {"shape": [4, 4]}, {}, tensors)
self.assertEqual(list(mask), [0, 128])`,
  },
};
