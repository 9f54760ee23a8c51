#!/usr/bin/env python3
"""What Python's own `safetensors` finds in a file, as JSON: to check our writer against a reader that is not ours.

    python3 tools/check/read-safetensors.py decoded.safetensors        needs: pip install safetensors numpy

test/golden/artifact-v1.listing.json is what it says of `espalier decode test/golden/artifact-v1.espalier`.
"""
import hashlib
import json
import sys

import numpy
from safetensors import safe_open

DTYPES = {"float32": "F32", "int32": "I32", "uint32": "U32", "uint16": "U16", "uint8": "U8"}

with safe_open(sys.argv[1], framework="numpy") as file:
    listing = []
    for name in sorted(file.keys()):
        tensor = file.get_tensor(name)
        little_endian = tensor.astype(tensor.dtype.newbyteorder("<"), copy=False)
        listing.append(
            {
                "name": name,
                "dtype": DTYPES[tensor.dtype.name],
                "shape": list(tensor.shape),
                "kept": int(numpy.count_nonzero(tensor)),
                "sha256": hashlib.sha256(little_endian.tobytes()).hexdigest(),
            }
        )

json.dump(listing, sys.stdout, indent=2)
print()
