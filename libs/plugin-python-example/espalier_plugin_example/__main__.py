"""What the host starts: `python3 -m espalier_plugin_example`."""

from .lamp import lamp
from .wire import serve

MANIFEST = {
    "name": "espalier-plugin-python-example",
    "version": "1.0.0",
    "host": "^1.0.0",
    "description": "A criterion in Python.",
    "contributions": [
        {
            "kind": "criterion",
            "name": "lamp",
            "description": "A weight's square over the sum of all squares that are at least as large (Lee et al. 2021).",
            "needs": ["weights"],
            "options": {
                "perUnit": {
                    "type": "boolean",
                    "description": "Within each output unit rather than the layer.",
                    "default": False,
                }
            },
        }
    ],
}


def handle(method: str, name: str, call_input: dict, options: dict, tensors: dict) -> tuple:
    if (method, name) != ("score", "lamp"):
        raise ValueError(f"there is no {method} of {name}")
    shape = call_input["shape"]
    per_unit = shape[-1] if options.get("perUnit") and shape else 0
    scores = lamp(tensors["weights"], per_unit)
    return {}, [("scores", "float32", [len(scores)], scores)]


if __name__ == "__main__":
    serve(MANIFEST, handle)
