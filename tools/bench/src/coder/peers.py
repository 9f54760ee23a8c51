"""The peers of the bench `coder`: NNCodec 2.1.3's own quantiser and arithmetic coder, zstd and xz.

lossless FOLDER [quick]: codes FOLDER/symbols.json's tensors; rd FOLDER [keep]: quantises and codes FOLDER/weights.json's.
A description is [{name, file, shape}]; files are raw little-endian, int32 or float32, as the network lays its kernels out
(outputs last). NNCodec wants outputs first, as PyTorch has them; what it can do for the other order is tried, too.
"""
import json
import lzma
import os
import sys
import time

import numpy as np
import zstandard
from nncodec.extensions.deepCABAC import Decoder, Encoder, HdspMode

# What nncodec.nnc hands down where there is no history of the tensor and no codebook.
NO_HISTORY = [HdspMode.AlwaysOff, np.array((0, 0), dtype=np.int8), 0, 0]
PROFILE = 1
# nncodec.nnc.compress's own: cabac_unary_length_minus1=10, param_opt=True, scan_order=0, row_skipping=False.
DEFAULT = {'unary': 11, 'param_opt': 1, 'scan': 0, 'row_skip': 0, 'transposed': False}
SEARCHED = [
    {'unary': unary, 'param_opt': param_opt, 'scan': scan, 'row_skip': row_skip, 'transposed': transposed}
    for transposed in (False, True)
    for row_skip in (0, 1)
    for scan in (0, 1, 4)
    for param_opt in (0, 1)
    for unary in (1, 3, 11, 33)
]
QP_DENSITY = 2


def read(folder, listing, dtype):
    with open(os.path.join(folder, listing), encoding='utf8') as file:
        entries = json.load(file)
    return [(e['name'], np.fromfile(os.path.join(folder, e['file']), dtype=dtype).reshape(e['shape'])) for e in entries]


def oriented(values, transposed):
    """[..., outputs] as [outputs, ...] with channels before height and width, or the other way about."""
    if values.ndim == 4:
        turned = values.transpose(3, 2, 0, 1)
    else:
        turned = values.T
    if transposed:
        turned = turned.reshape(turned.shape[0], -1).T
    return np.array(turned, order='C')


def turned_back(values, shape, transposed):
    if len(shape) == 4:
        height, width, channels, outputs = shape
        first = values.T.reshape(outputs, channels, height, width) if transposed else values
        return first.transpose(2, 3, 1, 0)
    return values if transposed else values.T


def encode(symbols, options, dq=0):
    encoder = Encoder()
    encoder.initCtxModels(options['unary'], options['param_opt'])
    rows = np.zeros(symbols.shape[0], dtype=np.int32)
    if symbols.ndim >= 2:
        rows[:] = ~symbols.reshape(symbols.shape[0], -1).any(axis=1)
    encoder.encodeLayer(symbols, dq, options['scan'], PROFILE, 0, options['row_skip'], rows, *NO_HISTORY)
    return encoder.finish()


def decode(stream, shape, options, dq=0):
    decoder = Decoder()
    decoder.setStream(stream)
    decoder.initCtxModels(options['unary'])
    symbols = np.zeros(shape, dtype=np.int32)
    if options['scan']:
        points = Decoder()
        points.setStream(stream)
        points.initCtxModels(options['unary'])
        decoder.setEntryPoints(points.decodeLayerAndCreateEPs(np.zeros(shape, dtype=np.int32), dq, options['scan'], PROFILE, 0, *NO_HISTORY))
    decoder.decodeLayer(symbols, dq, options['scan'], PROFILE, 0, *NO_HISTORY)
    return symbols


def timed(call, *args):
    start = time.perf_counter()
    result = call(*args)
    return result, time.perf_counter() - start


def nncodec_row(tensors, choose):
    """Bytes and seconds over all tensors, with the options that `choose` gives for each; everything is decoded and compared."""
    row = {'bytes': 0, 'encodeSeconds': 0.0, 'decodeSeconds': 0.0, 'options': []}
    for name, values in tensors:
        options = choose(values)
        symbols = oriented(values, options['transposed'])
        stream, encode_seconds = timed(encode, symbols, options)
        back, decode_seconds = timed(decode, stream, symbols.shape, options)
        if not np.array_equal(back, symbols):
            raise SystemExit(f'NNCodec does not give {name} back')
        row['bytes'] += len(stream)
        row['encodeSeconds'] += encode_seconds
        row['decodeSeconds'] += decode_seconds
        row['options'].append({'name': name, **options})
    return row


def best_options(values, searched=SEARCHED):
    best = None
    for options in searched:
        size = len(encode(oriented(values, options['transposed']), options))
        if best is None or size < best[0]:
            best = (size, options)
    return best[1]


def plain_forms(folder):
    with open(os.path.join(folder, 'plain.json'), encoding='utf8') as file:
        return json.load(file)


def general_row(forms, folder, compress, decompress):
    """The smallest over the plain forms, each one file for all tensors."""
    rows = []
    for form in forms:
        with open(os.path.join(folder, form['file']), 'rb') as file:
            data = file.read()
        packed, encode_seconds = timed(compress, data)
        back, decode_seconds = timed(decompress, packed)
        if back != data:
            raise SystemExit('a general compressor does not give its input back')
        rows.append({'bytes': len(packed), 'encodeSeconds': encode_seconds, 'decodeSeconds': decode_seconds, 'form': form['form']})
    return min(rows, key=lambda row: row['bytes'])


def lossless(folder, quick):
    tensors = read(folder, 'symbols.json', np.int32)
    few = SEARCHED if not quick else [DEFAULT, {**DEFAULT, 'row_skip': 1}, {**DEFAULT, 'unary': 3}, {**DEFAULT, 'transposed': True}]
    forms = plain_forms(folder)
    print(json.dumps({
        'nncodec': nncodec_row(tensors, lambda _: DEFAULT),
        'nncodec-best': nncodec_row(tensors, lambda values: best_options(values, few)),
        'zstd': general_row(forms, folder, zstandard.ZstdCompressor(level=19).compress, zstandard.ZstdDecompressor().decompress),
        'xz': general_row(forms, folder, lambda data: lzma.compress(data, preset=9), lzma.decompress),
    }))


def step_of(qp):
    k = 1 << QP_DENSITY
    return (k + (qp & (k - 1))) * 2.0 ** ((qp >> QP_DENSITY) - QP_DENSITY)


def quantise(weights, qp, dq, lambda_scale):
    symbols = np.zeros(weights.shape, dtype=np.int32)
    encoder = Encoder()
    encoder.initCtxModels(DEFAULT['unary'], 0)
    if encoder.quantLayer(weights, symbols, dq, QP_DENSITY, qp, lambda_scale, DEFAULT['unary'] - 1, 0, PROFILE) != qp:
        raise SystemExit(f'NNCodec refuses the step of qp {qp}')
    return symbols


def rate_distortion(folder, keep):
    """One row a (qp, lambda, dq): bytes of all kernels, squared error; with `keep` the weights go to FOLDER/rd-N.bin, one after the other."""
    tensors = read(folder, 'weights.json', np.float32)
    with open(os.path.join(folder, 'points.json'), encoding='utf8') as file:
        wanted = json.load(file)
    rows = []
    for number, point in enumerate(wanted):
        size, error, seconds = 0, 0.0, 0.0
        with open(os.path.join(folder, f'rd-{number}.bin') if keep else os.devnull, 'wb') as out:
            for _, values in tensors:
                weights = oriented(values, False)
                # The better of the default coder and the one that skips empty rows.
                symbols, took = timed(quantise, weights, point['qp'], point['dq'], point['lambda'])
                size += min(len(encode(symbols, {**DEFAULT, 'row_skip': skip}, point['dq'])) for skip in (0, 1))
                seconds += took
                levels = turned_back(symbols, values.shape, False).astype(np.float64) * step_of(point['qp'])
                decoded = np.ascontiguousarray(levels, dtype=np.float32)
                error += float(np.sum((decoded.astype(np.float64) - values) ** 2))
                decoded.tofile(out)
        rows.append({**point, 'bytes': size, 'squaredError': error, 'seconds': seconds, 'file': f'rd-{number}.bin'})
        print(json.dumps(rows[-1]), flush=True)


if __name__ == '__main__':
    if sys.argv[1] == 'lossless':
        lossless(sys.argv[2], 'quick' in sys.argv[3:])
    else:
        rate_distortion(sys.argv[2], 'keep' in sys.argv[3:])
