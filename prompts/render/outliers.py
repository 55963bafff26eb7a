#!/usr/bin/env python3
"""Makes of what listen.py heard the table of docs/voice.md, and a list of every value over 0.25 with its cause (--list).

    outliers.py REPORT.tsv... [--only REPORT.tsv...] [--sentence REPORT.tsv...] [--breath REPORT.tsv...] [--list OUT.tsv] [--table OUT.tsv]

The causes: `loop` (the recogniser wrote the same over and over), `yao` (without the syllables 幺 the error is at most 0.25), `clip` (the
value is one clip, so nothing of it is put together), `only` (it is understood when the recogniser may write nothing but digits: --only,
a report of listen.py --only with the same ids), `alone` (the same clips inside a sentence of the line are understood: --sentence, a
report with the same ids), `breath` (the same voice saying the value in one breath is not understood either:
--breath, a report with the same ids), `pieces` (said in one breath it is understood: the clips are at fault), `?` (not yet said in one
breath). --table writes what render.py is to say in one breath: those with `?`.
"""
import argparse
import csv
import os

import listen


def read(path):
    with open(path, encoding="utf-8") as f:
        return [r for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if r["error"] != "short"]


def without_yao(row):
    """The error with the syllables 幺 left out."""
    before, judged, after = (listen.zh_reference(t) for t in listen.bracketed(row["text"]))
    tokens = [*before, *judged, *after]
    _, places = listen.distance(tokens, listen.zh_heard(row["heard"]))
    start, end = len(before), len(before) + len(judged)
    yao = {i for i in range(start, end) if tokens[i][0] == "幺"}
    return sum(start <= p < end and int(p) not in yao for p in places) / max(1, len(judged) - len(yao)) if yao else 1


def cause(row, only, sentence, breath):
    if listen.loops(row["heard"]):
        return "loop"
    if row["language"].startswith("zh") and without_yao(row) <= 0.25:
        return "yao"
    _, judged, _ = listen.bracketed(row["text"])
    if os.path.exists(f"prompts/{row['language']}/clips/value/{judged.replace(' ', '_')}.wav"):
        return "clip"
    if only.get(row["id"], 1) <= 0.25:
        return "only"
    if sentence.get(row["id"], 1) <= 0.25:
        return "alone"
    if row["id"] not in breath:
        return "?"
    return "breath" if breath[row["id"]] > 0.25 else "pieces"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("reports", nargs="+")
    for way in ("--only", "--sentence", "--breath"):
        parser.add_argument(way, nargs="+", default=[])
    parser.add_argument("--list")
    parser.add_argument("--table")
    options = parser.parse_args()
    ways = [{r["id"]: float(r["error"]) for path in way for r in read(path)} for way in (options.only, options.sentence, options.breath)]
    rows = [r for path in options.reports for r in read(path)]
    kinds = {}
    for row in rows:
        kinds.setdefault(row["id"].split("/")[0], []).append(row)
    bad = sorted(((float(r["error"]), r) for r in rows if float(r["error"]) > 0.25), key=lambda one: (-one[0], one[1]["id"]))
    print("| kind | values | mean | over 0.25 | worst | causes |\n| --- | --- | --- | --- | --- | --- |")
    for kind, mine in sorted(kinds.items()):
        errors = [float(r["error"]) for r in mine]
        causes = [cause(r, *ways) for r in mine if float(r["error"]) > 0.25]
        said = ", ".join(f"{causes.count(c)} {c}" for c in ("loop", "yao", "clip", "only", "alone", "breath", "pieces", "?") if c in causes)
        print(f"| {kind} | {len(mine)} | {sum(errors) / len(mine):.3f} | {len(causes)} | {max(errors):.2f} | {said} |")
    if options.list:
        with open(options.list, "w", encoding="utf-8") as out:
            out.write("error\tcase\tcause\ttext\theard\n")
            for error, row in bad:
                out.write(f"{error:.2f}\t{row['id']}\t{cause(row, *ways)}\t{row['text']}\t{row['heard'][:60]}\n")
    if options.table:
        with open(options.table, "w", encoding="utf-8") as out:
            for _, row in bad:
                if cause(row, *ways) == "?":
                    name = row["id"].replace("/", "_")
                    out.write(f"{row['id']}\t{row['language']}\t{listen.bracketed(row['text'])[1]}\t\tbreath/{name}.wav\n")


if __name__ == "__main__":
    main()
