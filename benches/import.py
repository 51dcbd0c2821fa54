#!/usr/bin/env python3
"""Importing the same acts into Wherefore and into SQLite: processor time, memory, bytes on disk.

    benches/import.py WHEREFORE [ACTS] [PEOPLE]      a million acts of ten thousand people by default

WHEREFORE is the program, built at full optimization. SQLite is its own shell, which reads CSV in C: one table in one synced
transaction, with the indexes that the same questions need (identifier, person and time, each side and time, field and time).
Files lie in FOLDER (default: a temporary folder). Every step is the better of RUNS runs (default 2) by processor time.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone

PARTIES, FIELDS = 200, 50
HEADER = '{"scenario":"acts","as_of":"2026-01-01T00:00:00Z","home":"CN"}'
INDEXES = """
create unique index by_id on acts(id);
create index by_person on acts(subjects, at);
create index by_giver on acts("from", at);
create index by_taker on acts("to", at);
create table of_field(field text, at text, act integer);
insert into of_field select value, at, acts.rowid from acts, json_each('["' || replace(fields, '|', '","') || '"]');
create index by_field on of_field(field, at);
"""


def catalogue(people):
    yield HEADER
    yield '{"categories":{"id":"data"}}'
    yield '{"purposes":{"id":"credit-scoring"}}'
    for i in range(PARTIES):
        yield f'{{"processors":{{"id":"party-{i}","kind":"controller","country":"CN"}}}}'
    for i in range(FIELDS):
        yield f'{{"fields":{{"id":"field-{i}","category":"data"}}}}'
    for i in range(people):
        yield f'{{"subjects":{{"id":"person-{i}"}}}}'


def acts(count, people):
    start = datetime(2023, 11, 14, tzinfo=timezone.utc)
    for i in range(count):
        at = (start + timedelta(seconds=i)).strftime("%Y-%m-%dT%H:%M:%SZ")
        giver, taker = i * 31 % PARTIES, i * 17 % (PARTIES - 1)
        fields = sorted({i % FIELDS, (i * 3 + 1) % FIELDS})
        yield f"event-{i}", at, f"party-{giver}", f"party-{taker}", f"person-{i * 7919 % people}", fields


def write(folder, count, people):
    with open(f"{folder}/catalogue.ndjson", "w") as out:
        out.writelines(line + "\n" for line in catalogue(people))
    with open(f"{folder}/acts.csv", "w") as table, open(f"{folder}/acts.ndjson", "w") as lines:
        table.write("id,at,act,from,to,subjects,fields,purpose\n")
        lines.write(HEADER + "\n")
        for name, at, giver, taker, person, fields in acts(count, people):
            names = [f"field-{field}" for field in fields]
            table.write(f"{name},{at},share,{giver},{taker},{person},{'|'.join(names)},credit-scoring\n")
            listed = ",".join(f'"{field}"' for field in names)
            lines.write(
                f'{{"events":{{"id":"{name}","at":"{at}","act":"share","from":"{giver}","to":"{taker}",'
                f'"subjects":["{person}"],"fields":[{listed}],"purpose":"credit-scoring"}}}}\n'
            )


def run(arguments, text=None):
    """Processor seconds (user, system) and the most memory of one child, in megabytes."""
    child = subprocess.Popen(
        arguments, stdin=subprocess.PIPE if text else None, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if text:
        child.stdin.write(text)
        child.stdin.close()
    told = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)}\n{told}")
    return used.ru_utime, used.ru_stime, used.ru_maxrss / 1000


def size(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(path) for name in names)


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    people = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    folder = os.environ.get("FOLDER") or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    write(folder, count, people)
    store, database = f"{folder}/store", f"{folder}/acts.sqlite"
    before = f"{folder}/catalogue"
    shutil.rmtree(before, ignore_errors=True)
    run([program, "import", f"{folder}/catalogue.ndjson", "--store", before])

    def wherefore(file):
        def step():
            shutil.rmtree(store, ignore_errors=True)
            shutil.copytree(before, store)
            return run([program, "import", file, "--store", store])

        return step, store, file, size(before)

    def sqlite():
        if os.path.exists(database):
            os.remove(database)
        script = f"pragma journal_mode=wal; pragma synchronous=full;\nbegin;\n.import --csv {folder}/acts.csv acts\n{INDEXES}commit;\npragma wal_checkpoint(truncate);\n"
        return run(["sqlite3", database], script)

    wherefore(f"{folder}/acts.csv")[0]()
    run([program, "export", "--store", store, "--format", "parquet", "-o", f"{folder}/acts.parquet"])
    steps = {
        "SQLite, CSV": (sqlite, database, f"{folder}/acts.csv", 0),
        "Wherefore, CSV": wherefore(f"{folder}/acts.csv"),
        "Wherefore, NDJSON": wherefore(f"{folder}/acts.ndjson"),
        "Wherefore, Parquet": wherefore(f"{folder}/acts.parquet"),
    }
    print(f"{count} acts of {people} people\n")
    print("| | CPU: user + system | CPU an act | of SQLite's | memory | bytes an act | of SQLite's |\n|---|---|---|---|---|---|---|")
    first = None
    for name, (step, made, file, less) in steps.items():
        user, system, memory = min((step() for _ in range(int(os.environ.get("RUNS", 2)))), key=lambda used: used[0] + used[1])
        seconds, each = user + system, (size(made) - less) / count
        first = first or (seconds, each)
        print(
            f"| {name} ({size(file) / 1e6:.0f} MB) | {user:.1f} + {system:.1f} s | {seconds / count * 1e6:.2f} µs | "
            f"{seconds / first[0]:.2f} | {memory:.0f} MB | {each:.0f} | {each / first[1]:.2f} |",
            flush=True,
        )


main()
