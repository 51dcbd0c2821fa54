//! Acts as tables, one row an act, in the columns that `import` reads: CSV (RFC 4180) and Parquet. Facts that are no acts
//! are left out, and so are keys of acts that mean nothing.

use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::Record;
use crate::model::fact::Act;
use crate::model::time::{When, print_utc};
use crate::model::word::{ActKind, Carries};

/// Columns of one text.
const TEXTS: [&str; 12] = [
    "id", "at", "until", "latest", "act", "from", "to", "by", "source", "method", "purpose", "location",
];
/// Columns of lists.
const LISTS: [&str; 4] = ["subjects", "fields", "makes", "safeguards"];
/// Columns of one text behind them: how surely an act carries, and, as far as a table has such acts, what a correction
/// wrote and whether a restriction is lifted, and when an act that stands had begun at the latest.
const LAST: [&str; 4] = ["carries", "value", "lift", "begun"];
/// What parts the entries of a list in one cell.
const BAR: &str = "|";
/// The end of what stands open.
const OPEN: &str = "..";
/// Rows of a group of a Parquet file.
const GROUP_ROWS: usize = 100_000;

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A name that would be two in a cell of CSV.
    #[error("act `{act}` names `{name}`, and a bar parts the entries of a cell; write ndjson or parquet")]
    Bar {
        /// The act.
        act: String,
        /// The name.
        name: String,
    },
    /// Parquet cannot hold it.
    #[error("this cannot be written as Parquet: {0}")]
    Parquet(#[from] ParquetError),
}

impl TableError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Bar { .. } => "EXPORT_BAR",
            Self::Parquet(_) => "EXPORT_PARQUET",
        }
    }
}

/// The table as CSV.
pub fn csv(record: Record<'_>) -> Result<String, TableError> {
    let last_columns = last_columns(record);
    let head: Vec<&str> = TEXTS
        .into_iter()
        .chain(LISTS)
        .chain(LAST.into_iter().take(last_columns))
        .collect();
    let mut text = head.join(",");
    text.push_str("\r\n");
    for act in record.acts() {
        let mut cells: Vec<String> = texts(act).into_iter().map(Option::unwrap_or_default).collect();
        for list in lists(act) {
            if let Some(name) = list.iter().find(|name| name.contains(BAR)) {
                return Err(TableError::Bar {
                    act: act.id.to_string(),
                    name: name.clone(),
                });
            }
            cells.push(list.join(BAR));
        }
        let last = last(act).into_iter().take(last_columns);
        cells.extend(last.map(Option::unwrap_or_default));
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    Ok(text)
}

/// The table as Parquet, compressed with snappy: texts, and lists of texts.
pub fn parquet(record: Record<'_>) -> Result<Vec<u8>, TableError> {
    let text = |name: &str| format!("optional binary {name} (STRING);");
    let list = |name: &str| {
        format!(
            "optional group {name} (LIST) {{ repeated group list {{ required binary element (STRING); }} }}"
        )
    };
    let last_columns = last_columns(record);
    let columns: Vec<String> = TEXTS
        .into_iter()
        .map(text)
        .chain(LISTS.into_iter().map(list))
        .chain(LAST.into_iter().take(last_columns).map(text))
        .collect();
    let schema = format!("message acts {{ {} }}", columns.join(" "));
    let schema = Arc::new(parse_message_type(&schema)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("wherefore".to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let acts: Vec<&Act> = record.acts().collect();
    for acts in acts.chunks(GROUP_ROWS) {
        let rows: Vec<_> = acts
            .iter()
            .map(|act| (texts(act), lists(act), last(act)))
            .collect();
        let mut group = writer.next_row_group()?;
        for column in 0..TEXTS.len() {
            write_texts(
                &mut group,
                rows.iter().map(|(texts, ..)| texts[column].as_deref()),
            )?;
        }
        for column in 0..LISTS.len() {
            write_lists(&mut group, rows.iter().map(|(_, lists, _)| &*lists[column]))?;
        }
        for column in 0..last_columns {
            write_texts(&mut group, rows.iter().map(|(.., last)| last[column].as_deref()))?;
        }
        group.close()?;
    }
    Ok(writer.into_inner()?)
}

type Group<'w> = parquet::file::writer::SerializedRowGroupWriter<'w, Vec<u8>>;

fn write_texts<'t>(
    group: &mut Group<'_>,
    cells: impl Iterator<Item = Option<&'t str>>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell.map(ByteArray::from));
    }
    write(group, &values, &levels, None)
}

fn write_lists<'t>(
    group: &mut Group<'_>,
    cells: impl Iterator<Item = &'t [String]>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for cell in cells {
        if cell.is_empty() {
            levels.push(0);
            repeated.push(0);
        }
        for (index, text) in cell.iter().enumerate() {
            levels.push(2);
            repeated.push(i16::from(index > 0));
            values.push(ByteArray::from(text.as_str()));
        }
    }
    write(group, &values, &levels, Some(&repeated))
}

fn write(
    group: &mut Group<'_>,
    values: &[ByteArray],
    levels: &[i16],
    repeated: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Ok(());
    };
    column
        .typed::<ByteArrayType>()
        .write_batch(values, Some(levels), repeated)?;
    column.close()
}

/// The cells of one text, in the order of their columns.
fn texts(act: &Act) -> [Option<String>; TEXTS.len()] {
    let (at, until, latest) = match act.at {
        When::Instant(at) => (at, None, None),
        When::Standing { from, until } => {
            (from, Some(until.map_or_else(|| OPEN.to_owned(), print_utc)), None)
        }
        When::Between { earliest, latest, .. } => (earliest, None, Some(print_utc(latest))),
        When::Stretching { from, until } => {
            let until = until.map_or_else(|| OPEN.to_owned(), |end| print_utc(end.earliest));
            let latest = act.at.end_bounds().map(|(_, latest)| print_utc(latest));
            (from.earliest, Some(until), latest)
        }
    };
    let recipient = act.recipient.as_ref().map(ToString::to_string);
    let actor = Some(act.actor.to_string());
    let (from, to, by) = match act.kind {
        ActKind::Collect => (None, actor, None),
        ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => (None, None, actor),
        ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Assign => {
            (actor, recipient, None)
        }
    };
    [
        Some(act.id.to_string()),
        Some(print_utc(at)),
        until,
        latest,
        Some(act.kind.to_string()),
        from,
        to,
        by,
        act.source.as_ref().map(ToString::to_string),
        act.method.map(|method| method.to_string()),
        act.purpose.as_ref().map(ToString::to_string),
        act.location.as_ref().map(ToString::to_string),
    ]
}

/// The lists, in the order of their columns.
fn lists(act: &Act) -> [Vec<String>; LISTS.len()] {
    fn names<T: ToString>(all: &[T]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }
    [
        names(&act.subjects),
        names(&act.fields),
        names(&act.makes),
        names(&act.safeguards),
    ]
}

/// How many of the last columns the table has.
fn last_columns(record: Record<'_>) -> usize {
    let needed = |act: &Act| {
        if act.at.begin_bounds().is_some() {
            LAST.len()
        } else if act.value.is_some() || act.lifts {
            LAST.len() - 1
        } else {
            1
        }
    };
    record.acts().map(needed).max().unwrap_or(1)
}

/// The cells behind the lists, in the order of their columns.
fn last(act: &Act) -> [Option<String>; LAST.len()] {
    [
        (act.carries != Carries::Surely).then(|| act.carries.to_string()),
        act.value.as_ref().map(ToString::to_string),
        act.lifts.then(|| "true".to_owned()),
        act.at.begin_bounds().map(|(_, latest)| print_utc(latest)),
    ]
}

/// A cell. What a spreadsheet would take for a formula is left as it is: the table is data, and an altered name would
/// be another name.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
