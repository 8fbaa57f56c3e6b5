"""Trees of files for the tests of intake: on disk, in a zip, in a tar."""

import io
import json
import tarfile
import zipfile


def cell(source, **rest):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None} | rest


def notebook(*sources, **rest):
    cells = [s if isinstance(s, dict) else cell(s) for s in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | rest).encode()


def bytes_of(data):
    return data.encode() if isinstance(data, str) else data


def on_disk(root, tree):
    root.mkdir(parents=True, exist_ok=True)
    for name, data in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes_of(data))
    return root


def zipped(tree):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in tree.items():
            archive.writestr(name, bytes_of(data))
    return buffer.getvalue()


def tarred(tree, mode="w:gz", links=(), **options):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:
        for name, data in tree.items():
            info = tarfile.TarInfo(name)
            info.size = len(bytes_of(data))
            archive.addfile(info, io.BytesIO(bytes_of(data)))
        for name, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return buffer.getvalue()


def at(root, kind, tree, name="class"):
    """The same tree as a folder, a zip or a tar; the path to it."""
    if kind == "folder":
        return on_disk(root / name, tree)
    root.mkdir(parents=True, exist_ok=True)
    path = root / f"{name}{dict(zip='.zip', tar='.tar.gz', plain='.tar')[kind]}"
    path.write_bytes(zipped(tree) if kind == "zip" else tarred(tree, "w:gz" if kind == "tar" else "w"))
    return path
