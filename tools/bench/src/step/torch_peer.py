"""PyTorch in a process of its own for the bench `step`: torch_peer.py FOLDER THREADS plain|masked

FOLDER is what case-files.ts writes. A step is as one writes it when speed matters: the images lie in memory as float32, a batch is
an indexing, and `masked` multiplies each kernel's gradient with its mask before the optimizer takes it.
"""
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn


def read_tensor(folder, tensor):
    return np.fromfile(folder / tensor['file'], '<f4').reshape(tensor['shape'])


def read_mask(folder, tensor):
    return np.fromfile(folder / tensor['mask'], 'u1').reshape(tensor['shape'])


def build(item, folder, with_masks):
    """The model channels-first, and pairs of (parameter, mask)."""
    by_name = {tensor['name']: tensor for tensor in item['tensors']}
    shape, planes, modules, masks = item['network']['input'], None, [], []
    for layer in item['network']['layers']:
        kind, name = layer['type'], layer['name']
        if kind == 'conv2d':
            (height, width), (row, column), same = layer['kernel'], layer['stride'], layer['padding'] == 'same'
            padding = (height // 2, width // 2) if same else 0
            module = nn.Conv2d(shape[2], layer['filters'], (height, width), (row, column), padding, groups=layer['groups'])
            arrange = lambda kernel: kernel.transpose(3, 2, 0, 1)
            sizes = shape[:2] if same else [(shape[0] - height) // row + 1, (shape[1] - width) // column + 1]
            shape = [*sizes, layer['filters']]
        elif kind == 'dense':
            tensor = by_name[f'{name}/kernel']
            module = nn.Linear(*tensor['shape'])
            arrange = (lambda kernel: kernel.T) if planes is None else planes_first(planes)
            planes = None
        else:
            if kind == 'maxPool':
                module = nn.MaxPool2d(layer['size'], layer['stride'])
                shape = [*((shape[i] - layer['size'][i]) // layer['stride'][i] + 1 for i in (0, 1)), shape[2]]
            elif kind == 'localResponseNorm':
                size = 2 * layer['radius'] + 1
                module = nn.LocalResponseNorm(size, layer['alpha'] * size, layer['beta'], layer['bias'])
            elif kind == 'flatten':
                module, planes = nn.Flatten(), shape if len(shape) == 3 and shape[:2] != [1, 1] else None
            elif kind == 'relu':
                module = nn.ReLU(inplace=True)
            elif kind == 'dropout':
                module = nn.Dropout(layer['rate'])
            else:
                raise SystemExit(f'the peer has no layer {kind}')
            modules.append(module)
            continue
        kernel = by_name[f'{name}/kernel']
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(arrange(read_tensor(folder, kernel)).copy()))
            module.bias.copy_(torch.from_numpy(read_tensor(folder, by_name[f'{name}/bias'])))
        if with_masks:
            masks.append((module.weight, torch.from_numpy(arrange(read_mask(folder, kernel)).astype('f4', order='C'))))
        modules.append(module)
    return nn.Sequential(*modules), masks


def planes_first(planes):
    """Rows of a kernel behind a flatten, from height-width-channel order to channel-height-width."""
    height, width, channels = planes
    return lambda kernel: kernel.reshape(height, width, channels, -1).transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1)


def main(folder, threads, kind):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    folder = Path(folder)
    item = json.loads((folder / 'case.json').read_text())
    batch, count = item['batch'], item['count']
    images = np.fromfile(folder / 'images.u8', 'u1').reshape(count, *item['shape']).transpose(0, 3, 1, 2)
    images = torch.from_numpy(np.ascontiguousarray(images)).float().div_(255)
    labels = torch.from_numpy(np.fromfile(folder / 'labels.u8', 'u1')).long()
    order = torch.from_numpy(np.fromfile(folder / 'order.u32', '<u4').astype('i8'))
    model, masks = build(item, folder, kind == 'masked')
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), item['learningRate'], item['momentum'])
    criterion = nn.CrossEntropyLoss()
    done = 0

    def step():
        nonlocal done
        start = done % (count // batch) * batch
        done += 1
        indices = order[start:start + batch]
        optimizer.zero_grad()
        loss = criterion(model(images[indices]), labels[indices])
        loss.backward()
        for parameter, mask in masks:
            parameter.grad.mul_(mask)
        optimizer.step()
        return loss.item()

    print('ready', flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        start, steps, first = time.perf_counter(), 0, None
        while True:
            loss = step()
            first = loss if first is None else first
            steps += 1
            if steps >= question['steps'] if 'steps' in question else time.perf_counter() - start >= question['seconds']:
                break
        ms = (time.perf_counter() - start) * 1000
        status = Path('/proc/self/status').read_text().splitlines()
        resident = next(int(entry.split()[1]) for entry in status if entry.startswith('VmRSS'))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = {'steps': steps, 'ms': ms, 'firstLoss': first, 'version': torch.__version__}
        print(json.dumps({**answer, 'residentMiB': resident / 1024, 'peakMiB': peak / 1024}), flush=True)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
