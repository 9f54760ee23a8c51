"""Peers of the bench `inference` that run in Python, and the ONNX file for onnxruntime.

    peers.py onnx FOLDER                              writes model.onnx (input [batch, channels, height, width])
    peers.py time torch|scipy FOLDER BATCH THREADS SECONDS   prints one line of JSON

FOLDER is what peer-files.ts writes. Everything that can be done once is done before the clock runs: weights are transposed to the
peer's own layout, inputs are contiguous tensors of the peer.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np


def read_case(folder):
    folder = Path(folder)
    case = json.loads((folder / 'case.json').read_text())
    tensors = {
        tensor['name']: np.fromfile(folder / tensor['file'], '<f4').reshape(tensor['shape'])
        for tensor in case['tensors']
    }
    shape = case['network']['input']
    images = np.fromfile(folder / 'images.f32', '<f4').reshape(case['samples'], *shape)
    logits = np.fromfile(folder / 'logits.f32', '<f4').reshape(case['samples'], -1)
    if len(shape) == 3:
        images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return case['network'], tensors, images, logits


def layers_of(network, tensors):
    """The layers with weights in channels-first layout: conv [out, in, kh, kw], dense [in, out] behind a channels-first flatten."""
    shape = network['input']
    planes = None
    for layer in network['layers']:
        kind, name = layer['type'], layer['name']
        kernel, bias = tensors.get(f'{name}/kernel'), tensors.get(f'{name}/bias')
        if kind == 'conv2d':
            shape = [*output_size(shape, layer['kernel'], layer['stride']), layer['filters']]
            yield layer, kernel.transpose(3, 2, 0, 1), bias
        elif kind in ('maxPool', 'averagePool'):
            shape = [*output_size(shape, layer['size'], layer['stride']), shape[2]]
            yield layer, None, None
        elif kind == 'flatten':
            planes = shape
            yield layer, None, None
        elif kind == 'dense':
            if planes is not None:
                height, width, channels = planes
                kernel = kernel.reshape(height, width, channels, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
                planes = None
            yield layer, kernel, bias
        elif kind in ('relu', 'dropout'):
            yield layer, None, None
        else:
            raise SystemExit(f'the peers have no layer {kind}')


def output_size(shape, window, stride):
    return [(shape[i] - window[i]) // stride[i] + 1 for i in (0, 1)]


def write_onnx(folder):
    import onnx
    from onnx import helper, numpy_helper, TensorProto

    network, tensors, images, logits = read_case(folder)
    nodes, weights, last = [], [], 'input'

    def add(op, layer, inputs, **attributes):
        nonlocal last
        nodes.append(helper.make_node(op, [last, *inputs], [layer['name']], **attributes))
        last = layer['name']

    def weight(name, value):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    for layer, kernel, bias in layers_of(network, tensors):
        kind, name = layer['type'], layer['name']
        inputs = [] if kernel is None else [weight(f'{name}/kernel', kernel)]
        if bias is not None:
            inputs.append(weight(f'{name}/bias', bias))
        if kind == 'conv2d':
            add('Conv', layer, inputs, strides=layer['stride'], group=layer['groups'])
        elif kind in ('maxPool', 'averagePool'):
            op = 'MaxPool' if kind == 'maxPool' else 'AveragePool'
            add(op, layer, [], kernel_shape=layer['size'], strides=layer['stride'])
        elif kind == 'dense':
            add('Gemm', layer, inputs)
        elif kind != 'dropout':
            add('Flatten' if kind == 'flatten' else 'Relu', layer, [])
    graph = helper.make_graph(
        nodes,
        network['name'],
        [helper.make_tensor_value_info('input', TensorProto.FLOAT, ['batch', *images.shape[1:]])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, ['batch', logits.shape[1]])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)])
    model.ir_version = 8
    onnx.save(model, str(Path(folder) / 'model.onnx'))
    images.tofile(Path(folder) / 'planes.f32')


def torch_model(network, tensors, threads):
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    modules = []
    for layer, kernel, bias in layers_of(network, tensors):
        kind = layer['type']
        if kind == 'conv2d':
            out, inputs = kernel.shape[0], kernel.shape[1] * layer['groups']
            module = nn.Conv2d(inputs, out, layer['kernel'], layer['stride'], groups=layer['groups'])
            module.weight.data = torch.from_numpy(np.ascontiguousarray(kernel))
        elif kind == 'dense':
            module = nn.Linear(*kernel.shape)
            module.weight.data = torch.from_numpy(np.ascontiguousarray(kernel.T))
        elif kind == 'maxPool':
            module = nn.MaxPool2d(layer['size'], layer['stride'])
        elif kind == 'averagePool':
            module = nn.AvgPool2d(layer['size'], layer['stride'])
        elif kind == 'dropout':
            continue
        else:
            module = nn.Flatten() if kind == 'flatten' else nn.ReLU()
        if bias is not None:
            module.bias.data = torch.from_numpy(bias)
        modules.append(module)
    model = nn.Sequential(*modules).eval()
    prepare = lambda batch: torch.from_numpy(np.ascontiguousarray(batch))
    # The fewest steps between call and result: no autograd.
    def run(x):
        with torch.inference_mode():
            return model(x)
    return prepare, run, lambda y: y.numpy(), torch.__version__


def scipy_model(network, tensors, threads):
    import scipy
    from scipy import sparse

    steps = []
    for layer, kernel, bias in layers_of(network, tensors):
        if layer['type'] in ('conv2d', 'maxPool', 'averagePool'):
            raise SystemExit('SciPy has no convolution')
        if layer['type'] == 'dense':
            steps.append([sparse.csr_matrix(kernel.T), bias, False])
        elif layer['type'] == 'relu':
            steps[-1][2] = True
    def run(x):
        for kernel, bias, relu in steps:
            x = kernel @ x
            x += bias if x.ndim == 1 else bias[:, None]
            if relu:
                np.maximum(x, 0, out=x)
        return x
    # One sample as a vector, several as columns.
    def prepare(batch):
        flat = batch.reshape(len(batch), -1)
        return np.ascontiguousarray(flat[0] if len(batch) == 1 else flat.T)
    return prepare, run, lambda y: y[None] if y.ndim == 1 else y.T, scipy.__version__


def measure(peer, folder, batch, threads, seconds):
    network, tensors, images, logits = read_case(folder)
    prepare, run, read, version = {'torch': torch_model, 'scipy': scipy_model}[peer](network, tensors, threads)
    inputs = [prepare(images[i:i + batch]) for i in range(0, len(images) - batch + 1, batch)]
    difference = float(np.abs(read(run(inputs[0])) - logits[:batch]).max() / np.abs(logits).max())
    end = time.perf_counter() + seconds / 4
    i = 0
    while time.perf_counter() < end:
        run(inputs[i % len(inputs)])
        i += 1
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 20 or time.perf_counter() < end:
        x = inputs[len(times) % len(inputs)]
        start = time.perf_counter_ns()
        run(x)
        times.append(time.perf_counter_ns() - start)
    print(json.dumps({'us': float(np.median(times)) / 1000, 'calls': len(times), 'difference': difference, 'version': version}))


if __name__ == '__main__':
    if sys.argv[1] == 'onnx':
        write_onnx(sys.argv[2])
    else:
        _, _, peer, folder, batch, threads, seconds = sys.argv
        measure(peer, folder, int(batch), int(threads), float(seconds))
