"""PyTorch from PyPI on a machine without a GPU: 1.7 GB in the place of 6.7.

    torch_without_cuda.py            run by the Python that has torch, but none of its nvidia-* packages

PyPI's torch for Linux is built for CUDA, and loads NVIDIA's libraries (4.4 GB) though the CPU uses none of them. Each library that is
missing is made here as an empty one beside torch's own: what torch asks of it is there, and says that there is no device. Nothing
that runs on the CPU is touched. Needs a C compiler and binutils; ends with an error where torch does not work afterwards.
"""
import collections
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Libraries of NVIDIA's, and the names in them.
LIBRARY = re.compile(r'lib(cu|nv|nccl)')
NAME = re.compile(r'(__cuda|cu|nv|nccl)', re.IGNORECASE)

# cudaErrorNoDevice. Functions that begin with __ register kernels when a library is loaded: they are to succeed.
NO_DEVICE = 100


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def look_into(folder):
    """What the libraries of a folder need and do not have: file names, and symbols as name@version."""
    needed, undefined, defined = set(), set(), set()
    for library in folder.glob('*.so*'):
        needed |= set(re.findall(r'NEEDED.*\[(.*)\]', output_of('readelf', '-dW', library)))
        for line in output_of('nm', '-D', '--with-symbol-versions', library).splitlines():
            kind, symbol = line.split()[-2:]
            if kind == 'U':
                undefined.add(symbol.replace('@@', '@'))
            elif kind not in 'wv':
                defined.add(symbol.split('@')[0])
    here = {library.name for library in folder.iterdir()}
    missing = sorted(name for name in needed - here if LIBRARY.match(name))
    return missing, {symbol for symbol in undefined if symbol.split('@')[0] not in defined}


def by_library(missing, symbols):
    """A symbol's version is the file name of its library, mostly; what has none may stand in any."""
    found = collections.defaultdict(set)
    for symbol in symbols:
        name, _, version = symbol.partition('@')
        if version in missing:
            found[version].add((name, version))
        elif NAME.match(name):
            found[missing[0]].add((name, version))
    return found


def write_library(file, symbols):
    functions = [f'long {name}(void) {{ return {0 if name.startswith("__") else NO_DEVICE}; }}' for name, _ in symbols]
    versions = collections.defaultdict(list)
    for name, version in sorted(symbols):
        if version:
            versions[version].append(f'{name};')
    script = [f'{version} {{ global: {" ".join(names)} }};' for version, names in versions.items()]
    with tempfile.TemporaryDirectory() as folder:
        source, map_file = Path(folder) / 'none.c', Path(folder) / 'none.map'
        source.write_text('\n'.join(sorted(functions)))
        map_file.write_text('\n'.join(script))
        options = [f'-Wl,--version-script={map_file}'] if script else []
        subprocess.run(
            ['cc', '-shared', '-fPIC', '-w', f'-Wl,-soname,{file.name}', *options, '-o', str(file), str(source)],
            check=True,
        )


def main():
    folder = Path(importlib.util.find_spec('torch').origin).parent / 'lib'
    missing, symbols = look_into(folder)
    if missing:
        found = by_library(missing, symbols)
        for name in missing:
            write_library(folder / name, found[name])
    trial = 'import torch; assert not torch.cuda.is_available(); torch.nn.Conv2d(1, 2, 3)(torch.ones(1, 1, 5, 5)).sum().backward()'
    subprocess.run([sys.executable, '-c', trial], check=True)


if __name__ == '__main__':
    main()
