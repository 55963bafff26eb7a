#!/usr/bin/env python3
"""Makes the tables of docs/voice.md of what listen.py heard: each kind, and every value over 0.25 with its cause.

    outliers.py REPORT.tsv... [--breath REPORT.tsv] [--table OUT.tsv]

The causes: `loop` (the recogniser wrote the same over and over), `yao` (without the syllables 幺 the error is at most 0.25), `breath` (the
same voice saying the value in one breath is not understood either: --breath, a report with the same ids), `pieces` (said in one breath it
is understood: the clips are at fault), `?` (not yet said in one breath). --table writes what render.py is to say in one breath: all but
the first two.
"""
import argparse
import csv

import listen


def read(path):
    with open(path, encoding="utf-8") as f:
        return [r for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if r["error"] != "short"]


def without_yao(row):
    """The error with the syllables 幺 left out."""
    tokens = listen.zh_reference(row["text"])
    _, places = listen.distance(tokens, listen.zh_heard(row["heard"]))
    yao = {i for i, (written, _) in enumerate(tokens) if written == "幺"}
    return sum(p not in yao for p in places) / max(1, len(tokens) - len(yao)) if yao else 1


def cause(row, breath):
    if listen.loops(row["heard"]):
        return "loop"
    if row["language"].startswith("zh") and without_yao(row) <= 0.25:
        return "yao"
    if row["id"] not in breath:
        return "?"
    return "breath" if breath[row["id"]] > 0.25 else "pieces"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("reports", nargs="+")
    parser.add_argument("--breath")
    parser.add_argument("--table")
    options = parser.parse_args()
    breath = {r["id"]: float(r["error"]) for r in read(options.breath)} if options.breath else {}
    rows = [r for path in options.reports for r in read(path)]
    kinds = {}
    for row in rows:
        kinds.setdefault(row["id"].split("/")[0], []).append(row)
    bad = sorted(((float(r["error"]), r) for r in rows if float(r["error"]) > 0.25), key=lambda one: (-one[0], one[1]["id"]))
    print("| kind | values | mean | over 0.25 | worst | causes |\n| --- | --- | --- | --- | --- | --- |")
    for kind, mine in sorted(kinds.items()):
        errors = [float(r["error"]) for r in mine]
        causes = [cause(r, breath) for r in mine if float(r["error"]) > 0.25]
        said = ", ".join(f"{causes.count(c)} {c}" for c in ("loop", "yao", "breath", "pieces", "?") if c in causes)
        print(f"| {kind} | {len(mine)} | {sum(errors) / len(mine):.3f} | {len(causes)} | {max(errors):.2f} | {said} |")
    print("\n| error | case | cause | text | heard |\n| --- | --- | --- | --- | --- |")
    for error, row in bad:
        print(f"| {error:.2f} | {row['id']} | {cause(row, breath)} | {row['text']} | {row['heard'][:60].replace('|', '/')} |")
    if options.table:
        with open(options.table, "w", encoding="utf-8") as out:
            for _, row in bad:
                if cause(row, {}) == "?":
                    out.write(f"{row['id']}\t{row['language']}\t{row['text']}\n")


if __name__ == "__main__":
    main()
