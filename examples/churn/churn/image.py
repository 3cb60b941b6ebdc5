"""Packs the model and its server into an OCI image layout on disk, and says the image's digest.

The layer, config, manifest and index have the form of the OCI image specification 1.1, and the digest is that of the
manifest's bytes, as a registry would compute it. There is no base image below, and nothing is pushed anywhere.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

OCI = "application/vnd.oci.image"


def pack(model: Path, source: Path, layout: Path, reference: str) -> str:
    """Writes the layout and returns the manifest's digest. The same bytes in give the same digest."""
    tar = layer({"app/model.pkl": model.read_bytes(), **sources(source)})
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["python", "-m", "churn.serve", "--model", "/app"], "Labels": {"model": "churn"}},
        "rootfs": {"type": "layers", "diff_ids": [digest(tar)]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": store(layout, compact(config), f"{OCI}.config.v1+json"),
        "layers": [store(layout, gzip.compress(tar, mtime=0), f"{OCI}.layer.v1.tar+gzip")],
    }
    entry = store(layout, compact(manifest), f"{OCI}.manifest.v1+json")
    named = {**entry, "annotations": {"org.opencontainers.image.ref.name": reference}}
    (layout / "index.json").write_bytes(compact({"schemaVersion": 2, "manifests": [named]}))
    (layout / "oci-layout").write_bytes(compact({"imageLayoutVersion": "1.0.0"}))
    return str(entry["digest"])


def sources(folder: Path) -> dict[str, bytes]:
    """The package's files by their place in the image."""
    return {f"app/churn/{path.name}": path.read_bytes() for path in sorted(folder.glob("*.py"))}


def layer(files: dict[str, bytes]) -> bytes:
    """A tar archive without times, owners or order of its own."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def store(layout: Path, content: bytes, media_type: str) -> dict[str, object]:
    """Writes one blob under its digest and returns its descriptor."""
    name = digest(content)
    path = layout / "blobs" / "sha256" / name.removeprefix("sha256:")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {"mediaType": media_type, "digest": name, "size": len(content)}


def compact(value: object) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def digest(content: bytes) -> str:
    """`sha256:` and the hash."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def main() -> None:
    """The command `python -m churn.image`: prints `name:tag@digest`."""
    parser = argparse.ArgumentParser(prog="churn.image", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.pkl")
    parser.add_argument("--layout", type=Path, required=True, help="folder for the image layout")
    parser.add_argument("--name", required=True, help="registry/name:tag")
    options = parser.parse_args()
    found = pack(options.model / "model.pkl", Path(__file__).parent, options.layout, options.name)
    print(f"{options.name}@{found}")


if __name__ == "__main__":
    main()
