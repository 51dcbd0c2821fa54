//! The same facts at once and piece by piece.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use wherefore::db::{AsOf, Batch, CommitError, Db, Import, Imported, Mode, Receipt};
use wherefore::import::pieces::{Pieces, Stop};
use wherefore::import::{self, Format};
use wherefore::model::place::{Problem, ProblemCode};
use wherefore::model::time::Instant;
use wherefore::store::Ledger;

use crate::store::facts::fast_folder;
use crate::store::reading::{Answers, ask};

pub const NOW: Instant = Instant::from_micros(1_700_000_000_000_000);

/// Numbers that look random and are the same every time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

pub const HEADER: &str =
    r#"{"scenario":"bulk","as_of":"2025-01-01T00:00:00Z","event_defaults":{"safeguards":["locked"]}}"#;

/// The catalogue of a document of lines. Categories stand after the fields that use them.
pub fn catalogue() -> String {
    let mut text = String::new();
    for i in 0..7 {
        writeln!(text, r#"{{"fields":{{"id":"field-{i}","category":"data"}}}}"#).unwrap();
        writeln!(
            text,
            r#"{{"processors":{{"id":"party-{i}","kind":"controller","country":"CN"}}}}"#
        )
        .unwrap();
        writeln!(text, r#"{{"subjects":{{"id":"person-{i}"}}}}"#).unwrap();
    }
    text.push_str("{\"categories\":{\"id\":\"data\"}}\n{\"purposes\":{\"id\":\"work\"}}\n");
    text.push_str(
        "{\"retention_periods\":{\"processor\":\"party-1\",\"fields\":[\"field-1\"],\"days\":365}}\n",
    );
    text.push_str(
        "{\"retention_periods\":{\"processor\":\"party-1\",\"fields\":[\"field-1\"],\"days\":365}}\n",
    );
    text
}

/// Acts of several people, fields and kinds; some lines have escapes, some are blank.
pub fn acts(from: u64, count: u64) -> String {
    let mut text = String::new();
    for i in from..from + count {
        let mut numbers = Numbers(i * i + 1);
        numbers.below(2);
        let (a, b) = (numbers.below(7), numbers.below(7));
        let parties = match numbers.below(4) {
            0 => format!(r#""act":"collect","to":"party-{a}""#),
            1 => format!(r#""act":"use","by":"party-{a}""#),
            _ => format!(r#""act":"share","from":"party-{a}","to":"party-{b}""#),
        };
        let people = match numbers.below(5) {
            0 => format!(r#""person-{a}","person-{b}""#),
            _ => format!(r#""person-{b}""#),
        };
        let note = if numbers.below(50) == 0 {
            r#","note":"kept \u00e9\n""#
        } else {
            ""
        };
        let minute = i % 60;
        writeln!(
            text,
            r#"{{"events":{{"id":"act-{i}","at":"2024-01-01T00:{minute:02}:00Z",{parties},"subjects":[{people}],"fields":["field-{a}"],"purpose":"w\u006frk"{note}}}}}"#,
        )
        .unwrap();
        if numbers.below(40) == 0 {
            text.push_str("\r\n  \n");
        }
    }
    text
}

pub fn document(acts_in_it: u64) -> String {
    format!("\u{feff}\n{HEADER}\n{}{}", catalogue(), acts(0, acts_in_it))
}

pub fn at_once(db: &Db, text: &str, key: Option<&str>) -> Result<Receipt, CommitError> {
    let document =
        import::read(text, "facts.ndjson", Format::Ndjson, &|_| ()).map_err(CommitError::Invalid)?;
    let mut batch = Batch::of(document);
    batch.author = Some("tester".to_owned());
    batch.key = key.map(str::to_owned);
    db.commit(batch, NOW)
}

fn in_pieces(db: &Db, text: &str, key: Option<&str>, piece_bytes: usize) -> Result<Imported, CommitError> {
    let source = Box::new(Cursor::new(text.to_owned()));
    let (header, pieces) = match Pieces::of_lines(source, "facts.ndjson", None, piece_bytes) {
        Ok(begun) => begun,
        Err(Stop::Problems(problems)) => return Err(CommitError::Invalid(problems)),
        Err(Stop::Unreadable(error)) => return Err(CommitError::Unreadable(error)),
    };
    db.import(
        pieces,
        &Import {
            name: "facts.ndjson",
            header: Some(&header),
            author: "tester",
            key,
            recorded: NOW,
            progress: &|_| (),
        },
    )
}

/// All that a store says, but for the chain, whose salts are drawn anew each time; and that it is whole.
pub fn said(folder: &Path) -> Answers {
    let report = wherefore::store::verify(folder).unwrap();
    assert!(report.is_clean() && report.orphans == 0, "{report:?}");
    let staged = std::fs::read_dir(folder.join("staging")).unwrap().count();
    assert_eq!(staged, 0, "files of an import are left");
    let ledger = Ledger::open(folder, Mode::Read).unwrap();
    let mut answers = ask(&ledger.view().unwrap()).unwrap();
    assert_eq!(answers.head, report.head);
    answers.head = [0; 32];
    for commit in &mut answers.commits {
        commit.head = [0; 32];
    }
    answers
}

pub fn open(folder: &Path) -> Db {
    Db::open(folder, Mode::Create, AsOf::Fixed(NOW)).unwrap()
}

/// Two empty stores: one for each way.
struct Two(tempfile::TempDir);

impl Two {
    fn new() -> Self {
        Self(fast_folder())
    }

    fn at_once(&self) -> PathBuf {
        self.0.path().join("at-once")
    }

    fn in_pieces(&self) -> PathBuf {
        self.0.path().join("in-pieces")
    }

    /// Imports the same text both ways.
    fn both(&self, text: &str, key: Option<&str>, piece_bytes: usize) -> (Receipt, Receipt) {
        let one = at_once(&open(&self.at_once()), text, key).unwrap();
        let other = in_pieces(&open(&self.in_pieces()), text, key, piece_bytes).unwrap();
        (one, other.receipt)
    }

    fn say_the_same(&self) {
        let one = said(&self.at_once());
        assert_eq!(one, said(&self.in_pieces()));
        assert!(!one.facts.is_empty());
    }
}

fn without_head(mut receipt: Receipt) -> Receipt {
    receipt.head = String::new();
    receipt
}

pub fn problems(error: CommitError) -> Vec<Problem> {
    let CommitError::Invalid(problems) = error else {
        panic!("{error:?}");
    };
    problems
}

#[test]
fn a_document_in_pieces_says_what_it_says_at_once() {
    for (acts, piece_bytes) in [
        (0, 200),
        (900, 500),
        (900, 7_000),
        (900, 1 << 20),
        (3_000, 20_000),
    ] {
        let two = Two::new();
        let (one, other) = two.both(&document(acts), None, piece_bytes);
        assert_eq!(without_head(one), without_head(other), "{acts} acts");
        two.say_the_same();
    }
}

#[test]
fn more_facts_than_a_part_or_a_file_of_rows_holds() {
    let two = Two::new();
    two.both(&document(70_000), None, 1 << 20);
    two.say_the_same();
}

#[test]
fn facts_that_are_known_are_counted_and_not_written() {
    let two = Two::new();
    two.both(&document(400), None, 3_000);
    // Some known, some new; and a catalogue that only the store has.
    let mixed = format!("{HEADER}\n{}", acts(200, 900));
    let (one, other) = two.both(&mixed, None, 3_000);
    assert_eq!((one.facts, one.already_known), (700, 200));
    assert_eq!(without_head(one), without_head(other));
    two.say_the_same();
    // Nothing new at all.
    let (one, other) = two.both(&mixed, None, 3_000);
    assert!(one.repeated && other.repeated, "{one:?} {other:?}");
    two.say_the_same();
}

#[test]
fn a_key_used_again_gives_the_first_receipt_or_is_refused() {
    let two = Two::new();
    let text = document(300);
    two.both(&text, Some("k"), 2_000);
    let db = open(&two.at_once());
    // What was committed at once is recognized in pieces, and the other way round.
    assert!(in_pieces(&db, &text, Some("k"), 2_000).unwrap().receipt.repeated);
    let other = format!("{text}{}", acts(300, 1));
    let refused = in_pieces(&db, &other, Some("k"), 2_000).unwrap_err();
    assert_eq!(refused.code(), "STORE_KEY_REUSED");
    drop(db);
    let db = open(&two.in_pieces());
    assert!(at_once(&db, &text, Some("k")).unwrap().repeated);
    assert_eq!(
        at_once(&db, &other, Some("k")).unwrap_err().code(),
        "STORE_KEY_REUSED"
    );
    drop(db);
    two.say_the_same();
}

#[test]
fn what_is_wrong_is_told_with_the_same_codes_and_places_and_nothing_is_written() {
    let good = acts(0, 600);
    let wrong = [
        // In one line each.
        good.replacen("\"act\":\"use\"", "\"act\":\"uze\"", 40),
        good.replace("\"person-3\"", "\"person-9\""),
        good.replacen("2024-01-01T00:07:00Z", "2024-01-01", 1),
        good.replacen("{\"events\":{", "{\"events\":", 3),
        // A store numbers its commits itself.
        good.replacen("{\"events\":{", "{\"events\":{\"recorded\":\"4\",", 3),
        good.replacen("\"fields\":[\"field-2\"]", "\"fields\":\"field-2\"", 3),
        // Between lines.
        format!("{good}{}", acts(0, 1)),
        format!("{good}{}", acts(500, 300)),
        format!(
            "{good}{}",
            "{\"categories\":{\"id\":\"a\",\"parent\":\"b\"}}\n{\"categories\":{\"id\":\"b\",\"parent\":\"a\"}}\n"
        ),
        format!("{good}not json\n"),
        // A cohort with a name that a subject has, and one that a use may mean.
        format!("{good}{{\"cohorts\":{{\"id\":\"person-2\"}}}}\n"),
    ];
    for (i, wrong) in wrong.iter().enumerate() {
        assert_ne!(*wrong, good, "case {i}");
        let text = format!("{HEADER}\n{}{wrong}", catalogue());
        let two = Two::new();
        let start = document(0);
        two.both(&start, None, 1_000);
        let expected = problems(at_once(&open(&two.at_once()), &text, None).unwrap_err());
        for piece_bytes in [900, 30_000] {
            let found = problems(in_pieces(&open(&two.in_pieces()), &text, None, piece_bytes).unwrap_err());
            // Which of several uses of a name stands for the others is another matter: the first of each piece.
            let places = |problems: &[Problem]| {
                let mut places: Vec<_> = problems
                    .iter()
                    .filter(|problem| !problem.is_warning())
                    .map(|problem| {
                        let place = &problem.place;
                        // What stands twice is found by the place of its item, not of its name.
                        let is_twice = problem.code == ProblemCode::DuplicateId;
                        (problem.code, place.line, if is_twice { 0 } else { place.column })
                    })
                    .collect();
                places.sort_unstable();
                places
            };
            let (found, expected) = (places(&found), places(&expected));
            assert!(!found.is_empty(), "case {i}");
            assert_eq!(found[0], expected[0], "case {i}");
            assert!(
                found.iter().all(|place| expected.contains(place)),
                "case {i}: {found:?}"
            );
            let of_uses = ProblemCode::UnknownReference;
            if expected.iter().all(|(code, ..)| *code != of_uses) {
                assert_eq!(found, expected, "case {i}");
            }
        }
        two.say_the_same();
    }
}

#[test]
fn a_fact_that_contradicts_the_store_is_refused_where_it_stands() {
    let two = Two::new();
    two.both(&document(300), None, 2_000);
    let changed = acts(0, 300).replacen("w\\u006frk", "other", 5);
    let text = format!("{HEADER}\n{{\"purposes\":{{\"id\":\"other\"}}}}\n{changed}");
    let expected = problems(at_once(&open(&two.at_once()), &text, None).unwrap_err());
    let found = problems(in_pieces(&open(&two.in_pieces()), &text, None, 1_500).unwrap_err());
    assert_eq!(expected, found);
    assert_eq!(found.len(), 5);
    two.say_the_same();
}

#[test]
fn another_header_no_header_and_no_text_are_refused() {
    let two = Two::new();
    two.both(&document(10), None, 500);
    let db = open(&two.in_pieces());
    for (text, code) in [
        (
            document(10).replace("Z\",\"event", "Z\",\"minor_age\":\"16\",\"event"),
            ProblemCode::HeaderMismatch,
        ),
        (acts(0, 50), ProblemCode::MissingKey),
        (String::new(), ProblemCode::Syntax),
        ("\n\n".to_owned(), ProblemCode::Syntax),
    ] {
        let expected = problems(at_once(&db, &text, None).unwrap_err());
        let found = problems(in_pieces(&db, &text, None, 300).unwrap_err());
        assert_eq!(found[0].code, code, "{found:?}");
        assert_eq!(found[0], expected[0]);
    }
    let mut bytes = document(50).into_bytes();
    let end = bytes.len() - 30;
    bytes[end] = 0xff;
    let (header, pieces) = Pieces::of_lines(Box::new(Cursor::new(bytes)), "facts.ndjson", None, 400).unwrap();
    let import = Import {
        name: "facts.ndjson",
        header: Some(&header),
        author: "tester",
        key: None,
        recorded: NOW,
        progress: &|_| (),
    };
    let found = problems(db.import(pieces, &import).unwrap_err());
    assert_eq!(found[0].code, ProblemCode::Syntax);
    drop(db);
    two.say_the_same();
}

#[test]
fn very_many_problems_are_cut_short_the_same_way_every_time() {
    let text = format!(
        "{HEADER}\n{}{}",
        catalogue(),
        acts(0, 4_000).replace("\"at\"", "\"ad\"")
    );
    let mut first = None;
    for piece_bytes in [1_000, 1_000, 100_000] {
        let two = Two::new();
        let found = problems(in_pieces(&open(&two.in_pieces()), &text, None, piece_bytes).unwrap_err());
        assert_eq!(found.len(), 1_001);
        assert_eq!(found[1_000].code, ProblemCode::Limit);
        assert_eq!(*first.get_or_insert_with(|| found.clone()), found);
    }
}

#[test]
fn a_store_in_memory_takes_pieces_too() {
    let text = document(500);
    let db = Db::in_memory(AsOf::Fixed(NOW)).unwrap();
    let imported = in_pieces(&db, &text, None, 2_000).unwrap();
    let other = Db::in_memory(AsOf::Fixed(NOW)).unwrap();
    at_once(&other, &text, None).unwrap();
    assert_eq!(imported.receipt.acts, 500);
    assert!(!imported.warnings.is_empty(), "the key `note` means nothing");
    assert_eq!(
        db.snapshot().counts().unwrap(),
        other.snapshot().counts().unwrap()
    );
    let findings = |db: &Db| db.snapshot().findings(None).unwrap();
    assert_eq!(findings(&db), findings(&other));
}
