//! Import, opening, the first question, and reach, on a store of a million acts about ten thousand people.
//!
//! `cargo bench --bench questions`. Beside each figure stands what the machine needs for the least that the work
//! contains: scanning the same text as JSON, writing and syncing the same bytes, opening RocksDB and reading a row.
//! The page cache is warm.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first error")]

#[path = "workload/mixed.rs"]
mod mixed;
mod workload;

use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use mixed::ndjson;
use tempfile::TempDir;
use wherefore::db::{AsOf, Batch, Db, Mode, Snapshot};
use wherefore::import::{self, Format};
use wherefore::model::question::{Question, ReachQuestion};
use wherefore::model::time::Instant;
use wherefore::model::word::Ties;
use workload::{FIELDS, PARTIES, Random, Size};

const IMPORT: Size = Size {
    acts: 200_000,
    people: 2_000,
};
const STORE: Size = Size {
    acts: 1_000_000,
    people: 10_000,
};
const NOW: Instant = Instant::from_micros(1_735_689_600_000_000);

fn batch(text: &str) -> Batch {
    Batch::of(import::read(text, "bench.ndjson", Format::Ndjson, &|_| ()).unwrap())
}

fn open(folder: &Path, mode: Mode) -> Db {
    Db::open(folder, mode, AsOf::Fixed(NOW)).unwrap()
}

fn reach(random: &mut Random) -> Question {
    Question::Reach(ReachQuestion::new(
        format!("field-{}", random.below(FIELDS)).as_str().into(),
        format!("party-{}", random.below(PARTIES)).as_str().into(),
        format!("person-{}", random.below(STORE.people)).as_str().into(),
    ))
}

fn importing(criterion: &mut Criterion) {
    let text = ndjson(IMPORT);
    let mut group = criterion.benchmark_group("import/200k_acts");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(IMPORT.acts as u64));
    group.bench_function("floor: scan the text as JSON", |b| {
        b.iter(|| {
            text.lines()
                .filter(|line| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok())
                .count()
        });
    });
    group.bench_function("floor: write and sync the text", |b| {
        let folder = TempDir::new().unwrap();
        b.iter(|| {
            let mut file = File::create(folder.path().join("text")).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.sync_all().unwrap();
        });
    });
    group.bench_function("read the document", |b| b.iter(|| black_box(batch(&text))));
    group.bench_function("read and commit to a new store", |b| {
        b.iter_batched(
            || TempDir::new().unwrap(),
            |folder| {
                let receipt = open(folder.path(), Mode::Create)
                    .commit(batch(&text), NOW)
                    .unwrap();
                assert_eq!(receipt.acts, IMPORT.acts as u64);
                folder
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn asking(criterion: &mut Criterion) {
    let folder = TempDir::new().unwrap();
    open(folder.path(), Mode::Create)
        .commit(batch(&ndjson(STORE)), NOW)
        .unwrap();
    let mut random = Random(11);
    let mut group = criterion.benchmark_group("store/1m_acts");
    group.sample_size(10);
    group.bench_function("floor: open for reading, nothing asked", |b| {
        b.iter(|| black_box(open(folder.path(), Mode::Read)));
    });
    group.bench_function("open and answer the first question", |b| {
        b.iter(|| {
            open(folder.path(), Mode::Read)
                .snapshot()
                .ask(&reach(&mut random), None)
                .unwrap()
        });
    });
    let db = open(folder.path(), Mode::Read);
    let snapshot = db.snapshot();
    group.sample_size(1_000);
    group.bench_function("floor: look one subject up", |b| {
        b.iter(|| {
            let name = format!("person-{}", random.below(STORE.people));
            snapshot.subject_exists(&name.as_str().into()).unwrap()
        });
    });
    group.bench_function("reach, any subject", |b| {
        b.iter(|| snapshot.ask(&reach(&mut random), None).unwrap());
    });
    group.finish();
}

/// A hundred thousand acts of one person in one instant, as a log that knows the day alone has them.
fn one_instant(criterion: &mut Criterion) {
    let text: String = ndjson(Size {
        acts: 100_000,
        people: 1,
    })
    .lines()
    .map(|line| match line.find("\"at\":\"") {
        Some(from) => {
            let from = from + 6;
            let until = from + line[from..].find('"').unwrap();
            format!("{}2024-06-01T00:00:00Z{}\n", &line[..from], &line[until..])
        }
        None => format!("{line}\n"),
    })
    .collect();
    let document = import::read_alone(&text, "bench.ndjson", Format::Ndjson).unwrap();
    let snapshot = Snapshot::of_document(document);
    let mut group = criterion.benchmark_group("ties/100k_acts_in_one_instant");
    group.sample_size(10).throughput(Throughput::Elements(100_000));
    for ties in [Ties::Recorded, Ties::Any, Ties::Strict] {
        let mut random = Random(11);
        group.bench_function(ties.as_str(), |b| {
            b.iter(|| {
                let mut question = ReachQuestion::new(
                    format!("field-{}", random.below(FIELDS)).as_str().into(),
                    format!("party-{}", random.below(PARTIES)).as_str().into(),
                    "person-0".into(),
                );
                question.ties = ties;
                snapshot.ask(&Question::Reach(question), None).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, importing, asking, one_instant);
criterion_main!(benches);
