//! Parquet: texts, lists of texts, and timestamps in UTC. Read column by column, some rows at a time.

use std::borrow::Cow;
use std::fs::File;

use parquet::basic::{Compression, LogicalType, TimeUnit, Type as Physical};
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::table::{Cell, Columns, mark};
use crate::facts::Reading;
use crate::model::fact::Stated;
use crate::model::place::ProblemCode;
use crate::model::time::{self, Instant};

/// A table being read.
pub struct Rows {
    file: SerializedFileReader<File>,
    columns: Vec<Column>,
    /// Rows of a piece.
    at_once: usize,
    group: usize,
    /// Rows of the open group that were not read, and its columns.
    left: usize,
    open: Vec<Reader>,
    /// The row that comes next, from 1.
    row: u32,
}

struct Column {
    name: String,
    kind: Kind,
    max_definition: i16,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    List,
    /// Ticks a second.
    Timestamp(i64),
}

enum Reader {
    Bytes(ColumnReaderImpl<ByteArrayType>),
    Numbers(ColumnReaderImpl<Int64Type>),
}

/// Some rows of a table, column by column.
pub struct Cells {
    first_row: u32,
    rows: usize,
    columns: Vec<CellsOf>,
}

/// The cells of one column: values that are there, and levels that say where.
struct CellsOf {
    kind: Kind,
    max_definition: i16,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    texts: Vec<ByteArray>,
    numbers: Vec<i64>,
}

impl Rows {
    /// Opens a table; `None` when it cannot be one of acts, with the problems in `reading`.
    pub fn open(file: File, piece_rows: usize, reading: &mut Reading) -> Option<Self> {
        let file = match SerializedFileReader::new(file) {
            Ok(file) => file,
            Err(error) => {
                unreadable(reading, 1, &error);
                return None;
            }
        };
        let before = reading.problems.len();
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let columns: Vec<Column> = schema
            .columns()
            .iter()
            .enumerate()
            .filter_map(|(i, column)| column_of(i, column, reading))
            .collect();
        for group in file.metadata().row_groups() {
            for (i, column) in group.columns().iter().enumerate() {
                let unread = match column.compression() {
                    Compression::UNCOMPRESSED
                    | Compression::SNAPPY
                    | Compression::GZIP(_)
                    | Compression::LZ4
                    | Compression::LZ4_RAW => continue,
                    Compression::ZSTD(_) => "zstd",
                    Compression::BROTLI(_) => "brotli",
                    Compression::LZO => "LZO",
                };
                if reading.problems.len() == before {
                    reading.problem(
                        ProblemCode::Syntax,
                        mark(1, i),
                        format!(
                            "column `{}` is compressed with {unread}, which is not read here",
                            column.column_path()
                        ),
                        "write the file with snappy, gzip or lz4, or without compression",
                    );
                }
            }
        }
        (reading.problems.len() == before).then_some(Self {
            file,
            columns,
            at_once: piece_rows.max(1),
            group: 0,
            left: 0,
            open: Vec::new(),
            row: 1,
        })
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The next rows; `None` at the end, or when they cannot be read, with the problem in `reading`.
    pub fn next(&mut self, reading: &mut Reading) -> Option<Cells> {
        match self.read() {
            Ok(cells) => cells,
            Err(error) => {
                unreadable(reading, self.row, &error);
                None
            }
        }
    }

    fn read(&mut self) -> Result<Option<Cells>, ParquetError> {
        while self.left == 0 {
            if self.group == self.file.num_row_groups() {
                return Ok(None);
            }
            let group = self.file.get_row_group(self.group)?;
            self.open.clear();
            for (i, column) in self.columns.iter().enumerate() {
                let reader = group.get_column_reader(i)?;
                self.open.push(match column.kind {
                    Kind::Text | Kind::List => Reader::Bytes(get_typed_column_reader(reader)),
                    Kind::Timestamp(_) => Reader::Numbers(get_typed_column_reader(reader)),
                });
            }
            self.left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            self.group += 1;
        }
        let rows = self.at_once.min(self.left);
        let mut columns = Vec::with_capacity(self.columns.len());
        for (column, reader) in self.columns.iter().zip(&mut self.open) {
            let mut cells = CellsOf {
                kind: column.kind,
                max_definition: column.max_definition,
                definitions: Vec::new(),
                repetitions: Vec::new(),
                texts: Vec::new(),
                numbers: Vec::new(),
            };
            let (definitions, repetitions) = (&mut cells.definitions, &mut cells.repetitions);
            match reader {
                Reader::Bytes(reader) => {
                    read_all(reader, rows, definitions, repetitions, &mut cells.texts)?;
                }
                Reader::Numbers(reader) => {
                    read_all(reader, rows, definitions, repetitions, &mut cells.numbers)?;
                }
            }
            columns.push(cells);
        }
        self.left -= rows;
        let first_row = self.row;
        self.row = first_row.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        Ok(Some(Cells {
            first_row,
            rows,
            columns,
        }))
    }
}

fn read_all<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    definitions: &mut Vec<i16>,
    repetitions: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<(), ParquetError> {
    let mut read = 0;
    while read < rows {
        let (more, ..) = reader.read_records(rows - read, Some(definitions), Some(repetitions), values)?;
        if more == 0 {
            return Err(ParquetError::EOF(
                "a column has fewer rows than its group".to_owned(),
            ));
        }
        read += more;
    }
    Ok(())
}

fn unreadable(reading: &mut Reading, row: u32, error: &ParquetError) {
    reading.problem(
        ProblemCode::Syntax,
        mark(row, 0),
        format!("this is not Parquet that can be read: {error}"),
        "write the file again",
    );
}

/// What a column holds, if it is anything that an event can have.
fn column_of(index: usize, column: &ColumnDescriptor, reading: &mut Reading) -> Option<Column> {
    let name = column.path().parts().first().cloned().unwrap_or_default();
    let is_list = column.max_rep_level() == 1;
    let is_flat = column.max_rep_level() == 0 && column.path().parts().len() == 1;
    let kind = match (column.physical_type(), column.logical_type_ref()) {
        (Physical::BYTE_ARRAY, None | Some(LogicalType::String | LogicalType::Enum)) if is_flat => {
            Some(Kind::Text)
        }
        (Physical::BYTE_ARRAY, None | Some(LogicalType::String | LogicalType::Enum)) if is_list => {
            Some(Kind::List)
        }
        (Physical::INT64, Some(LogicalType::Timestamp(stamp))) if is_flat && stamp.is_adjusted_to_u_t_c => {
            Some(Kind::Timestamp(match stamp.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            }))
        }
        _ => None,
    };
    if kind.is_none() {
        reading.problem(
            ProblemCode::Shape,
            mark(1, index),
            format!(
                "column `{}` has a type that no key of an event has ({:?})",
                column.path(),
                column.physical_type()
            ),
            "use texts, lists of texts, and timestamps in UTC for instants",
        );
    }
    Some(Column {
        name,
        kind: kind?,
        max_definition: column.max_def_level(),
    })
}

impl Cells {
    /// The acts of these rows.
    pub fn rows(&self, columns: &Columns, reading: &mut Reading) -> Vec<Stated> {
        let mut facts = Vec::with_capacity(self.rows);
        let mut at: Vec<Cursor<'_>> = self.columns.iter().map(Cursor::new).collect();
        for (row, line) in (0..self.rows).zip(self.first_row..) {
            let mut broken = None;
            let cells = at.iter_mut().enumerate().map(|(i, cursor)| {
                cursor.next(row).unwrap_or_else(|| {
                    broken = Some(i);
                    Cell::Empty
                })
            });
            let cells: Vec<Cell<'_>> = cells.collect();
            if let Some(cell) = broken {
                reading.problem(
                    ProblemCode::Syntax,
                    mark(line, cell),
                    "the bytes of this cell are not UTF-8".to_owned(),
                    "write texts in UTF-8",
                );
                continue;
            }
            facts.extend(columns.row(line, cells.into_iter(), reading));
        }
        facts
    }
}

/// Where in a column the next row begins.
struct Cursor<'c> {
    cells: &'c CellsOf,
    level: usize,
    value: usize,
}

impl<'c> Cursor<'c> {
    fn new(cells: &'c CellsOf) -> Self {
        Self {
            cells,
            level: 0,
            value: 0,
        }
    }

    /// The next cell; `None` when it is no text.
    fn next(&mut self, row: usize) -> Option<Cell<'c>> {
        let cells = self.cells;
        if cells.kind == Kind::List {
            let mut texts = Vec::new();
            let mut is_text = true;
            loop {
                if cells.definitions.get(self.level) == Some(&cells.max_definition) {
                    match self.text() {
                        Some(text) => texts.push(text),
                        None => is_text = false,
                    }
                }
                self.level += 1;
                if cells.repetitions.get(self.level).is_none_or(|level| *level == 0) {
                    break;
                }
            }
            return is_text.then_some(if texts.is_empty() {
                Cell::Empty
            } else {
                Cell::List(texts)
            });
        }
        if cells.max_definition > 0 && cells.definitions.get(row) != Some(&cells.max_definition) {
            return Some(Cell::Empty);
        }
        if let Kind::Timestamp(ticks) = cells.kind {
            let number = cells.numbers.get(self.value).copied().unwrap_or_default();
            self.value += 1;
            return Some(Cell::Text(Cow::Owned(instant(number, ticks))));
        }
        let text = self.text()?;
        Some(if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(Cow::Borrowed(text))
        })
    }

    fn text(&mut self) -> Option<&'c str> {
        let value = self.cells.texts.get(self.value);
        self.value += 1;
        std::str::from_utf8(value.map_or(&[], ByteArray::data)).ok()
    }
}

/// A timestamp as an event has it. What is finer than a microsecond stays, so that it is refused like anywhere else.
fn instant(number: i64, ticks: i64) -> String {
    const MICROS: i64 = 1_000_000;
    let micros = if ticks > MICROS {
        number.div_euclid(ticks / MICROS)
    } else {
        number.saturating_mul(MICROS / ticks)
    };
    let text = time::print_utc(Instant::from_micros(micros));
    let finer = if ticks > MICROS {
        number.rem_euclid(ticks / MICROS)
    } else {
        0
    };
    if finer == 0 {
        return text;
    }
    let seconds = micros.div_euclid(MICROS);
    let whole = time::print_utc(Instant::from_micros(seconds * MICROS));
    let fraction = number.rem_euclid(ticks);
    whole.replace('Z', &format!(".{fraction:09}Z"))
}
