#!/usr/bin/python3
"""Compares `koppelproef validate` with python3-jsonschema, schema by schema.

usage: schema_diff.py [KOPPELPROEF [SEED [COUNT]]]

First all cases of tests/cases/schema, then COUNT random schemas with instances made to be
near to them. Exits 0 when all verdicts agree, 1 when some do not, 77 (skipped) without
python3-jsonschema or the binary. What the two are known to see differently is left out:
`format` (an annotation there), patterns whose meaning differs between ECMA-262 and Python,
real multipleOf (inexact there), true within a list of enum (equal to 1 there), and
unevaluated* where the old library guesses.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.abspath(__file__)) + "/../../.."
KEYS = ["a", "b", "c", "ab", "bsn"]
PATTERNS = ["^a", "b$", "^[0-9]+$", "a.b", "^(a|bc)*$", "[^a-c]"]
TEXTS = ["", "a", "ab", "abc", "b", "bcabc", "123456782", "12", "\u00e9", "\U0001F600a"]
NUMBERS = [0, 1, 2, 3, -1, 1.0, 1.5, 10, 12, 2.0, -0.5, 1e3]


def value(rng, depth):
    kind = rng.randrange(9 if depth else 6)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind in (1, 2):
        return rng.choice(NUMBERS)
    if kind in (3, 4, 5):
        return rng.choice(TEXTS)
    if kind == 6:
        return [value(rng, depth - 1) for _ in range(rng.randrange(5))]
    return {k: value(rng, depth - 1) for k in rng.sample(KEYS, rng.randrange(5))}


def schema(rng, depth):
    if rng.random() < 0.06 or depth == 0:
        return rng.choice([True, False, {}, {"type": "string"}, {"type": "integer"}, True])
    sub = lambda: schema(rng, depth - 1)
    subs = lambda: [sub() for _ in range(rng.randrange(1, 4))]
    keys = lambda: rng.sample(KEYS, rng.randrange(3))
    count = lambda: rng.randrange(4)
    types = ["null", "boolean", "integer", "number", "string", "array", "object"]
    makers = {
        "type": lambda: rng.choice(types + [rng.sample(types, 2)]),
        "enum": lambda: [value(rng, 1) for _ in range(rng.randrange(1, 9))],
        "const": lambda: value(rng, 1),
        "multipleOf": lambda: rng.choice([1, 2, 3, 5]),
        "maximum": lambda: rng.choice(NUMBERS),
        "exclusiveMaximum": lambda: rng.choice(NUMBERS),
        "minimum": lambda: rng.choice(NUMBERS),
        "exclusiveMinimum": lambda: rng.choice(NUMBERS),
        "maxLength": count,
        "minLength": count,
        "pattern": lambda: rng.choice(PATTERNS),
        "prefixItems": subs,
        "items": sub,
        "contains": sub,
        "maxItems": count,
        "minItems": count,
        "uniqueItems": lambda: rng.random() < 0.7,
        "properties": lambda: {k: sub() for k in keys()},
        "patternProperties": lambda: {rng.choice(["^a", "b", "n$"]): sub()},
        "additionalProperties": sub,
        "propertyNames": sub,
        "required": keys,
        "dependentRequired": lambda: {k: keys() for k in keys()},
        "dependentSchemas": lambda: {k: sub() for k in keys()},
        "maxProperties": count,
        "minProperties": count,
        "allOf": subs,
        "anyOf": subs,
        "oneOf": subs,
        "not": sub,
        "if": sub,
        "then": sub,
        "else": sub,
        "$ref": lambda: rng.choice(["#/$defs/x", "#/$defs/y"]),
    }
    out = {k: makers[k]() for k in rng.sample(sorted(makers), rng.randrange(1, 5))}
    if "contains" in out and rng.random() < 0.5:
        out["minContains"] = count()
        out["maxContains"] = count()
    return out


def random_groups(rng, count):
    for i in range(count):
        one = schema(rng, 3)
        if isinstance(one, bool):
            one = {"not": {}} if not one else {}
        # definitions refer to nothing themselves, so that there are no loops
        one["$defs"] = {"x": {"type": rng.choice(["string", "object"]), "minLength": 1},
                        "y": {"anyOf": [{"required": ["a"]}, {"maximum": 2}]}}
        yield "random %d" % i, one, [value(rng, 3) for _ in range(25)]


def unlike(node):
    """Whether a schema holds what the two see differently by intent."""
    if isinstance(node, list):
        return any(unlike(x) for x in node)
    if not isinstance(node, dict):
        return False
    real = isinstance(node.get("multipleOf"), float)
    # within a list or an object Python takes 1 for true
    true = any(isinstance(x, (list, dict)) and "true" in json.dumps(x)
               for x in node.get("enum", []) if isinstance(node.get("enum"), list))
    names = ("format", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef", "$id")
    remote = isinstance(node.get("$ref"), str) and node["$ref"].startswith("http")
    return real or true or remote or any(n in node for n in names) or any(map(unlike, node.values()))


def case_groups():
    folder = ROOT + "/tests/cases/schema"
    for name in sorted(os.listdir(folder)):
        if name in ("string.json", "format.json"):
            continue
        with open(folder + "/" + name, encoding="utf-8") as f:
            for group in json.load(f):
                if "tests" in group and not unlike(group["schema"]):
                    yield (name + ": " + group["description"], group["schema"],
                           [t["data"] for t in group["tests"]])


def ours(binary, folder, one, instances):
    names = []
    for i, v in enumerate([one] + instances):
        names.append("%s/%d.json" % (folder, i))
        with open(names[-1], "w", encoding="utf-8") as f:
            json.dump(v, f)
    run = subprocess.run([binary, "validate", "--format", "json"] + names,
                         capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        return None, run.stderr
    return [entry["valid"] for entry in json.loads(run.stdout)], ""


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else ROOT + "/build/koppelproef"
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    if not os.access(binary, os.X_OK):
        print("skipped: %s is not there" % binary)
        return 77
    compared = different = 0
    groups = list(case_groups()) + list(random_groups(random.Random(seed), count))
    with tempfile.TemporaryDirectory() as folder:
        for name, one, instances in groups:
            verdicts, problem = ours(binary, folder, one, instances)
            if verdicts is None:
                different += 1
                print("%s: refused: %s%s" % (name, problem, json.dumps(one)))
                continue
            theirs = Draft202012Validator(one)
            for instance, mine in zip(instances, verdicts):
                compared += 1
                if theirs.is_valid(instance) != mine:
                    different += 1
                    print("%s: ours %s\n  schema %s\n  instance %s"
                          % (name, mine, json.dumps(one), json.dumps(instance)))
    print("schema_diff: %d verdicts compared, %d differ (seed %d)"
          % (compared, different, seed))
    return 1 if different or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
