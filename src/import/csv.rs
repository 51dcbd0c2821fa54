//! CSV as RFC 4180 has it: commas, quotes where needed, the first row names the columns.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};

use super::table::{Cell, Columns, mark};
use crate::facts::Reading;
use crate::model::fact::Stated;
use crate::model::place::ProblemCode;

/// The names in the first line.
pub fn header(line: &str) -> Vec<String> {
    let mut record = ByteRecord::new();
    let mut reader = reader(line.as_bytes());
    // Reading from memory does not fail, and any bytes are some row.
    let _ = reader.read_byte_record(&mut record);
    record
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim().to_owned())
        .collect()
}

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
}

/// Acts of whole rows.
pub fn rows(columns: &Columns, first_line: u32, bytes: &[u8], reading: &mut Reading) -> Vec<Stated> {
    let mut facts = Vec::new();
    let mut reader = reader(bytes);
    let mut record = ByteRecord::new();
    let (mut line, mut counted) = (first_line, 0);
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        // The place of a row is where the one before it ended: its line feed and blank lines lie between.
        let begun = record
            .position()
            .map_or(counted, |at| usize::try_from(at.byte()).unwrap_or(usize::MAX));
        let between = bytes.get(begun..).unwrap_or_default();
        let begun = begun
            + between
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
        let passed = bytes.get(counted..begun).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', passed).count();
        line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        counted = begun;
        if record.len() != columns.len() {
            reading.problem(
                ProblemCode::Shape,
                mark(line, record.len().min(columns.len())),
                format!(
                    "the row has {} cells, the first row has {}",
                    record.len(),
                    columns.len()
                ),
                "give every row as many cells as there are columns; write a cell with a comma in quotes",
            );
            continue;
        }
        let text = std::str::from_utf8(record.as_slice()).ok();
        let Some(text) = text else {
            let wrong = record.iter().position(|cell| std::str::from_utf8(cell).is_err());
            reading.problem(
                ProblemCode::Syntax,
                mark(line, wrong.unwrap_or(0)),
                "the bytes of this cell are not UTF-8".to_owned(),
                "write the document in UTF-8",
            );
            continue;
        };
        let cells = (0..record.len()).map(|i| {
            let cell = record
                .range(i)
                .and_then(|range| text.get(range))
                .unwrap_or_default();
            if cell.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(Cow::Borrowed(cell))
            }
        });
        facts.extend(columns.row(line, cells, reading));
    }
    facts
}
