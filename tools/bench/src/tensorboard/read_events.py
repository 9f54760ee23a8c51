"""What TensorBoard reads from a folder of event files, or from the newest such folder within, as JSON: {version, scalars: {tag: [[step, seconds, value]]}, histograms: {tag: [...]}}."""
import json
import os
import sys

from tensorboard import version
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def newest_folder(root):
    folders = [folder for folder, _, files in os.walk(root) if any("tfevents" in file for file in files)]
    return max(folders, key=os.path.getmtime, default=root)


# 0: keep everything.
events = EventAccumulator(newest_folder(sys.argv[1]), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
events.Reload()
tags = events.Tags()
json.dump(
    {
        "version": version.VERSION,
        "scalars": {
            tag: [[each.step, each.wall_time, each.value] for each in events.Scalars(tag)] for tag in tags["scalars"]
        },
        "histograms": {
            tag: [
                {
                    "step": each.step,
                    "min": each.histogram_value.min,
                    "max": each.histogram_value.max,
                    "num": each.histogram_value.num,
                    "sum": each.histogram_value.sum,
                    "sumSquares": each.histogram_value.sum_squares,
                    "bucketLimit": list(each.histogram_value.bucket_limit),
                    "bucket": list(each.histogram_value.bucket),
                }
                for each in events.Histograms(tag)
            ]
            for tag in tags["histograms"]
        },
    },
    sys.stdout,
    indent=1,
)
