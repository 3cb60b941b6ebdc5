"""The floor: what any program on these libraries pays before it thinks. Imports them and parses the six reports."""

import json
import os
import sys
from xml.etree import ElementTree

import click
import msgspec
import yaml
from cel_expr_python import cel

folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), "rb") as report:
        data = report.read()
    if name.endswith(".xml"):
        ElementTree.fromstring(data)
    else:
        json.loads(data)

assert all((cel, click, msgspec, yaml))
