"""Lloyd's algorithm by scikit-learn on one core: peer.py VALUES.f32 START.f64 -> one line of JSON."""

import json
import sys
import time

import numpy
import sklearn
from sklearn.cluster import KMeans

values = numpy.fromfile(sys.argv[1], dtype=numpy.float32).astype(numpy.float64).reshape(-1, 1)
start = numpy.fromfile(sys.argv[2], dtype=numpy.float64).reshape(-1, 1)
model = KMeans(n_clusters=len(start), init=start, n_init=1, algorithm="lloyd", tol=0, max_iter=100_000)
cpu, wall = time.process_time(), time.perf_counter()
model.fit(values)
print(
    json.dumps(
        {
            "cpuSeconds": time.process_time() - cpu,
            "seconds": time.perf_counter() - wall,
            "iterations": int(model.n_iter_),
            "centroids": sorted(model.cluster_centers_[:, 0].tolist()),
            "inertia": float(model.inertia_),
            "version": sklearn.__version__,
        }
    )
)
