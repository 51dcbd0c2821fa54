//! Tables of acts: CSV and Parquet say what the same acts say as lines.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use wherefore::db::{CommitError, Db, Import, Imported};
use wherefore::import::pieces::{Pieces, Stop};
use wherefore::model::place::{Place, Problem, ProblemCode};

use super::pieces::{HEADER, NOW, Numbers, at_once, catalogue, open, problems, said};
use crate::commands::program::{Folder, run, run_with_input};
use crate::store::facts::fast_folder;
use crate::store::reading::Answers;

/// An act before it is written in any form.
struct Row {
    id: String,
    micros: i64,
    act: &'static str,
    /// from, to, by.
    parties: [Option<String>; 3],
    subjects: Vec<String>,
    fields: Vec<String>,
}

fn rows(count: u64) -> Vec<Row> {
    let mut numbers = Numbers(3);
    (0..count)
        .map(|i| {
            let party = |numbers: &mut Numbers| Some(format!("party-{}", numbers.below(7)));
            let (act, parties) = match numbers.below(3) {
                0 => ("collect", [None, party(&mut numbers), None]),
                1 => ("use", [None, None, party(&mut numbers)]),
                _ => ("share", [party(&mut numbers), party(&mut numbers), None]),
            };
            let some = |numbers: &mut Numbers, what: &str| {
                let mut all: Vec<String> = (0..=numbers.below(3))
                    .map(|_| format!("{what}-{}", numbers.below(7)))
                    .collect();
                all.sort_unstable();
                all.dedup();
                all
            };
            let mark = if i % 50 == 0 { ", \"quoted\"" } else { "" };
            Row {
                id: format!("act-{i}{mark}"),
                micros: 1_704_067_200_000_000 + i64::try_from(i).unwrap() * 1_000_000 + 250_000,
                act,
                parties,
                subjects: some(&mut numbers, "person"),
                fields: some(&mut numbers, "field"),
            }
        })
        .collect()
}

fn instant(micros: i64) -> String {
    wherefore::model::time::print_utc(wherefore::model::time::Instant::from_micros(micros))
}

fn as_lines(rows: &[Row]) -> String {
    let mut text = format!("{HEADER}\n");
    for row in rows {
        let mut event = serde_json::json!({
            "id": row.id, "at": instant(row.micros), "act": row.act, "subjects": row.subjects, "fields": row.fields,
            "purpose": "work", "safeguards": ["locked", "sealed"],
        });
        for (key, party) in ["from", "to", "by"].iter().zip(&row.parties) {
            if let Some(party) = party {
                event[*key] = party.clone().into();
            }
        }
        writeln!(text, "{}", serde_json::json!({"events": event})).unwrap();
    }
    text
}

const COLUMNS: &str = "id,at,act,from,to,by,subjects,fields,purpose,safeguards";

fn as_csv(rows: &[Row]) -> String {
    let mut text = format!("\u{feff}{COLUMNS}\r\n");
    for row in rows {
        let [from, to, by] = row
            .parties
            .each_ref()
            .map(|party| party.as_deref().unwrap_or_default());
        let id = if row.id.contains(',') {
            format!("\"{}\"", row.id.replace('"', "\"\""))
        } else {
            row.id.clone()
        };
        write!(
            text,
            "{id},{},{},{from},{to},{by},{},{},work,locked|sealed\r\n",
            instant(row.micros),
            row.act,
            row.subjects.join("|"),
            row.fields.join("|"),
        )
        .unwrap();
    }
    text
}

/// Writes the acts as Parquet: `fields` as a list, `subjects` as one text, `at` as a timestamp.
fn as_parquet(rows: &[Row], path: &Path, compression: Compression, unit: &str) {
    let schema = format!(
        "message acts {{
            required binary id (UTF8);
            required int64 at (TIMESTAMP({unit},true));
            required binary act (UTF8);
            optional binary from (UTF8);
            optional binary to (UTF8);
            optional binary by (UTF8);
            optional binary subjects (UTF8);
            optional group fields (LIST) {{ repeated group list {{ optional binary element (UTF8); }} }}
            required binary purpose (UTF8);
            optional binary safeguards (UTF8);
        }}"
    );
    let scale = match unit {
        "MILLIS" => (1, 1_000),
        "NANOS" => (1_000, 1),
        _ => (1, 1),
    };
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_key_value_metadata(Some(vec![KeyValue::new(
            "made by".to_owned(),
            "a test".to_owned(),
        )]))
        .build();
    let mut writer =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    for some in rows.chunks(400) {
        let mut group = writer.next_row_group().unwrap();
        for column in 0..10 {
            let mut column_writer = group.next_column().unwrap().unwrap();
            if column == 1 {
                let values: Vec<i64> = some.iter().map(|row| row.micros * scale.0 / scale.1).collect();
                column_writer
                    .typed::<Int64Type>()
                    .write_batch(&values, None, None)
                    .unwrap();
                column_writer.close().unwrap();
                continue;
            }
            let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
            for row in some {
                if column == 7 {
                    for (i, field) in row.fields.iter().enumerate() {
                        values.push(ByteArray::from(field.as_str()));
                        definitions.push(3);
                        repetitions.push(i16::from(i > 0));
                    }
                    continue;
                }
                let cell = match column {
                    0 => Some(row.id.clone()),
                    2 => Some(row.act.to_owned()),
                    3..=5 => row.parties[column - 3].clone(),
                    6 => Some(row.subjects.join("|")),
                    8 => Some("work".to_owned()),
                    _ => Some("locked|sealed".to_owned()),
                };
                definitions.push(i16::from(cell.is_some()));
                values.extend(cell.map(|cell| ByteArray::from(cell.as_str())));
            }
            let required = [0, 2, 8].contains(&column);
            column_writer
                .typed::<ByteArrayType>()
                .write_batch(
                    &values,
                    (!required).then_some(&definitions),
                    (column == 7).then_some(&repetitions),
                )
                .unwrap();
            column_writer.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn import(db: &Db, pieces: Result<Pieces, Stop>, name: &str) -> Result<Imported, CommitError> {
    let pieces = match pieces {
        Ok(pieces) => pieces,
        Err(Stop::Problems(problems)) => return Err(CommitError::Invalid(problems)),
        Err(Stop::Unreadable(error)) => return Err(CommitError::Unreadable(error)),
    };
    let import = Import {
        name,
        header: None,
        author: "tester",
        key: None,
        recorded: NOW,
        progress: &|_| (),
    };
    db.import(pieces, &import)
}

fn csv(db: &Db, text: &str) -> Result<Imported, CommitError> {
    import(
        db,
        Pieces::of_csv(Box::new(Cursor::new(text.to_owned())), "acts.csv", 3_000),
        "acts.csv",
    )
}

/// A store with a catalogue.
fn begun(folder: &Path) -> Db {
    let db = open(folder);
    at_once(&db, &format!("{HEADER}\n{}", catalogue()), None).unwrap();
    db
}

/// All that a store says but the places of acts.
fn without_places(folder: &Path) -> Answers {
    let mut answers = said(folder);
    let lists = answers
        .families
        .iter_mut()
        .chain([&mut answers.facts, &mut answers.catalogue]);
    for record in lists.flatten().chain(answers.named.iter_mut().flatten()) {
        record.place = Place {
            file: "".into(),
            line: 0,
            column: 0,
        };
    }
    answers
}

#[test]
fn a_table_says_what_its_acts_say_as_lines() {
    let folder = fast_folder();
    let rows = rows(1_500);
    let store = |name: &str| folder.path().join(name);
    let lines = begun(&store("lines"));
    at_once(&lines, &as_lines(&rows), None).unwrap();
    let table = begun(&store("csv"));
    assert_eq!(csv(&table, &as_csv(&rows)).unwrap().receipt.facts, 1_500);
    drop((lines, table));
    let expected = without_places(&store("lines"));
    assert_eq!(expected, without_places(&store("csv")));
    for (name, compression, unit) in [
        ("plain", Compression::UNCOMPRESSED, "MICROS"),
        ("snappy", Compression::SNAPPY, "NANOS"),
        (
            "gzip",
            Compression::GZIP(parquet::basic::GzipLevel::default()),
            "MILLIS",
        ),
        ("lz4", Compression::LZ4_RAW, "MICROS"),
    ] {
        let path = store(&format!("{name}.parquet"));
        as_parquet(&rows, &path, compression, unit);
        let db = begun(&store(name));
        let pieces = Pieces::of_parquet(File::open(&path).unwrap(), "acts.parquet", 77);
        assert_eq!(import(&db, pieces, "acts.parquet").unwrap().receipt.facts, 1_500);
        drop(db);
        assert_eq!(expected, without_places(&store(name)), "{name}");
    }
}

/// The codes and places, by line and cell, of what is wrong.
fn places(problems: &[Problem]) -> Vec<(ProblemCode, u32, u32)> {
    problems
        .iter()
        .map(|problem| (problem.code, problem.place.line, problem.place.column))
        .collect()
}

#[test]
fn what_is_wrong_in_a_table_is_told_by_row_and_cell_and_nothing_is_written() {
    let folder = fast_folder();
    let path = folder.path().join("store");
    let db = begun(&path);
    let head = "id,at,act,by,subjects,fields,purpose\n";
    let good = "a1,2024-01-01T00:00:00Z,use,party-1,person-1,field-1,work\n";
    for (text, expected) in [
        (String::new(), (ProblemCode::Syntax, 1, 1)),
        (format!("id,at,act,id\n{good}"), (ProblemCode::DuplicateKey, 1, 4)),
        ("id,act\n".to_owned(), (ProblemCode::MissingKey, 1, 1)),
        (
            format!("{head}{good}a2,yesterday,use,party-1,person-1,field-1,work\n"),
            (ProblemCode::BadInstant, 3, 2),
        ),
        (
            format!("{head}{good}\na2,2024-01-01T00:00:00Z,uze,party-1,person-1,field-1,work\n"),
            (ProblemCode::UnknownAct, 4, 3),
        ),
        (
            format!("{head}{good}a2,2024-01-01T00:00:00Z,use,party-1\n"),
            (ProblemCode::Shape, 3, 5),
        ),
        (format!("{head}{good}{good}"), (ProblemCode::DuplicateId, 3, 1)),
        (
            format!("{head}a1,2024-01-01T00:00:00Z,use,party-1,person-1|person-9,field-1,work\n"),
            (ProblemCode::UnknownReference, 2, 5),
        ),
        (
            format!("{head}\"a\n1\",2024-01-01T00:00:00Z,use,party-1,person-1,field-1,work\n,,,,,,\n"),
            (ProblemCode::MissingKey, 4, 1),
        ),
    ] {
        let found = places(&problems(csv(&db, &text).unwrap_err()));
        assert!(found.contains(&expected), "{text}: {found:?}");
    }
    let table = folder.path().join("acts.parquet");
    let mut wrong = rows(900);
    wrong[700].act = "uze";
    as_parquet(&wrong, &table, Compression::SNAPPY, "MICROS");
    let pieces = || Pieces::of_parquet(File::open(&table).unwrap(), "acts.parquet", 100);
    let found = problems(import(&db, pieces(), "acts.parquet").unwrap_err());
    assert_eq!(places(&found), [(ProblemCode::UnknownAct, 701, 3)]);
    std::fs::write(&table, b"PAR1 but no more").unwrap();
    let found = problems(import(&db, pieces(), "acts.parquet").unwrap_err());
    assert_eq!(found[0].code, ProblemCode::Syntax);
    drop(db);
    assert_eq!(said(&path).facts.len(), 24);
}

#[test]
fn damaged_tables_are_refused_or_read_and_nothing_worse() {
    let folder = fast_folder();
    let table = folder.path().join("acts.parquet");
    as_parquet(&rows(60), &table, Compression::SNAPPY, "MICROS");
    let whole = std::fs::read(&table).unwrap();
    let mut numbers = Numbers(9);
    let mut refused = 0;
    for _ in 0..150 {
        let mut bytes = whole.clone();
        let at = usize::try_from(numbers.below(bytes.len() as u64)).unwrap();
        bytes[at] ^= 1 << numbers.below(8);
        std::fs::write(&table, &bytes).unwrap();
        let db = Db::in_memory(wherefore::db::AsOf::Fixed(NOW)).unwrap();
        at_once(&db, &format!("{HEADER}\n{}", catalogue()), None).unwrap();
        let pieces = Pieces::of_parquet(File::open(&table).unwrap(), "acts.parquet", 50);
        refused += usize::from(import(&db, pieces, "acts.parquet").is_err());
    }
    assert!(refused > 20, "{refused} of 150 damaged tables were refused");
}

#[test]
fn the_program_takes_tables_after_a_catalogue() {
    let folder = Folder::new();
    let rows = rows(200);
    let facts = folder.file("facts.ndjson", format!("{HEADER}\n{}", catalogue()));
    let table = folder.file("acts.csv", as_csv(&rows));
    let store = folder.text("store");
    run(&["import", &table, "--store", &store]).refuses("STORE_NOT_A_STORE");
    assert!(!folder.path("store").exists());
    let ran = run(&["import", &facts, &table, "--store", &store]).exits(0);
    assert!(ran.out.contains("200 facts written"), "{ran:?}");
    // The same acts again, in another form.
    as_parquet(&rows, &folder.path("acts.parquet"), Compression::SNAPPY, "MICROS");
    let ran = run(&["import", &folder.text("acts.parquet"), "--store", &store]).exits(0);
    assert!(ran.out.contains("nothing new, 200 facts"), "{ran:?}");
    run_with_input(
        &["import", "-", "--format", "csv", "--store", &store],
        &as_csv(&rows),
    )
    .exits(0);
    let wrong = folder.file("wrong.csv", as_csv(&rows).replace("act-7,", "act-8,"));
    let ran = run(&["import", &wrong, "--store", &store]).refuses("FACT_CONFLICT");
    assert!(ran.err.contains("wrong.csv:9:1"), "{ran:?}");
}
