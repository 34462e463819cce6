"""Which operators, versions and types onnxruntime's CPU provider has: found by trying each."""

import itertools
import json
import os

import numpy as np
from onnx import defs

import recipes  # noqa: F401
from draw import RECIPES, Draw, Macro, Node, Refused, node
from engine import ML, few
from values import BY_ONNX

OLDEST, NEWEST = 7, defs.onnx_opset_version()
# Whose results are drawn by chance, or are no tensors.
LEFT_OUT = {
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
    "Multinomial",
    "Bernoulli",
    "ZipMap",
    "CastMap",
    "DictVectorizer",
    "ImageDecoder",
}


def reachable():
    """(schema, first operator set, last) of each version that sets 7 and up can name."""
    versions = {}
    for schema in defs.get_all_schemas_with_history():
        if schema.domain in ("", ML) and schema.name not in LEFT_OUT:
            versions.setdefault((schema.domain, schema.name), []).append(schema)
    for (domain, _), schemas in sorted(versions.items()):
        newest, oldest = (NEWEST, OLDEST) if domain == "" else (5, 1)
        schemas.sort(key=lambda s: s.since_version)
        for schema, following in zip(schemas, [*schemas[1:], None]):
            last = following.since_version - 1 if following else newest
            if last >= oldest and schema.since_version <= newest and not schema.deprecated:
                yield schema, max(schema.since_version, oldest), last


def type_choices(schema, rng, most=240):
    """Assignments of types to the schema's parameters."""
    parameters, menus = [], []
    for c in schema.type_constraints:
        allowed = [t for t in c.allowed_type_strs if t in BY_ONNX]
        inner = [t.removeprefix("optional(").removeprefix("seq(").rstrip(")") + ")" for t in c.allowed_type_strs]
        allowed = allowed or sorted({t for t in inner if t in BY_ONNX})
        if allowed:
            parameters.append(c.type_param_str)
            menus.append(sorted(allowed))
    every = list(itertools.islice(itertools.product(*menus), 20_000))
    if len(every) > most:
        every = [every[i] for i in rng.permutation(len(every))[:most]]
    return [dict(zip(parameters, types)) for types in every]


def attempt(draw, n, opsets, ir):
    """Follows the recipe and runs it: (nodes, output names, results, inputs)."""
    made = RECIPES[n.schema.domain, n.op](draw, n)
    if isinstance(made, Macro):
        nodes, outputs, inputs = made.nodes, made.outputs, made.inputs
    else:
        inputs, attributes, *count = made
        outputs = [f"{draw.prefix}o{i}" for i in range(count[0] if count else 1)]
        shown = list(outputs)
        spare = [i for i, o in enumerate(n.schema.outputs) if o.option == defs.OpSchema.FormalParameterOption.Optional]
        spare = [i for i in spare if i < len(shown)]
        if len(shown) > 1 and spare and draw.chance(0.2):
            shown[draw.pick(spare)] = ""
        while shown and not shown[-1]:
            shown.pop()
        nodes = [node(n.op, inputs, shown, attributes, n.schema.domain)]
        outputs = [o for o in shown if o]
    return nodes, outputs, few(nodes, outputs, inputs, opsets, ir), [i for i in inputs if i is not None]


def probe(schema, first, seed, tries=8):
    """The type assignments that onnxruntime ran, and the last complaint."""
    rng = np.random.default_rng(seed)
    found, why = [], "no recipe"
    if (schema.domain, schema.name) not in RECIPES:
        return found, why
    opsets = {"": first, ML: 3} if schema.domain == "" else {"": 17, ML: first}
    for types in type_choices(schema, rng):
        for _ in range(tries):
            try:
                attempt(Draw(rng, False, [], "p"), Node(schema, types), opsets, 8)
                found.append(types)
                break
            except Refused as refused:
                why = f"refused: {refused}"
            except Exception as error:
                why = f"{type(error).__name__}: {error}"[:300]
                if (
                    "NOT_IMPLEMENTED" in why
                    or "NotImplemented" in why
                    or "invalid tensor type" in why.lower()
                    or "INVALID_GRAPH" in why
                    and "Type Error" in why
                ):
                    break
    return found, why


def key(schema):
    return f"{schema.domain}:{schema.name}:{schema.since_version}"


def load(path):
    """[(schema, first, last, [types])] of what was found, by operator."""
    with open(path) as file:
        table = json.load(file)["found"]
    entries = {}
    for schema, first, last in reachable():
        types = table.get(key(schema))
        if types:
            entries.setdefault((schema.domain, schema.name), []).append((schema, first, last, types))
    return entries


def make(path, run):
    """Writes the table; `run` maps a function over jobs in processes that may die."""
    jobs = list(reachable())
    found, missing = {}, {}
    for (schema, _, _), result in zip(jobs, run(jobs)):
        types, why = result if result is not None else ([], "onnxruntime died")
        if types:
            found[key(schema)] = types
        else:
            missing[key(schema)] = why
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        json.dump({"found": found, "missing": missing}, file, indent=0)
