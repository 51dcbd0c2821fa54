//! A document that is too large for memory, piece by piece.
//!
//! [`Pieces`] cuts it on one thread, which only looks for ends of lines; [`Piece::read`] makes facts of a piece on any
//! thread. What pieces must know of each other (who declares what, what stands twice) is left to whoever puts them
//! together. What a line means is settled in `lines`, what a row of a table means in `table`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::table::Columns;
use super::{EMPTY, EMPTY_HELP, json};
use super::{beside, csv, parquet, refuse_sections, section_of};
use crate::facts::node::Mark;
use crate::facts::{self, Reading, Reference};
use crate::model::fact::{Header, Stated};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::word::Section;

/// Bytes of a piece, unless a single line is longer.
pub const PIECE_BYTES: usize = 4 << 20;
/// Rows of a piece of a Parquet table.
pub const PIECE_ROWS: usize = 20_000;
/// A longer line is refused: no fact needs it.
const LINE_BYTES_MAX: usize = 64 << 20;

/// Why no further piece comes.
#[derive(Debug)]
pub enum Stop {
    /// The document cannot be read.
    Unreadable(std::io::Error),
    /// It is not what it should be.
    Problems(Vec<Problem>),
}

/// A document, cut into pieces.
pub struct Pieces {
    name: Arc<str>,
    shape: Arc<Shape>,
    source: Source,
    index: u64,
}

enum Source {
    Text(Text),
    Parquet(parquet::Rows),
}

/// A text being cut at ends of lines.
struct Text {
    bytes: Box<dyn Read + Send>,
    piece_bytes: usize,
    /// What was read and not given out.
    rest: Vec<u8>,
    /// The line at which it begins.
    line: u32,
    /// Ends of lines between quotes end nothing.
    quotes: bool,
    ended: bool,
}

/// What holds for all pieces of a document.
enum Shape {
    /// The first line that is not blank: the header of a document of lines.
    Lines {
        header: String,
        line: u32,
        /// Where files that rules name are.
        folder: Option<PathBuf>,
    },
    Csv(Columns),
    Parquet(Columns),
}

/// Some whole lines or rows of a document.
pub struct Piece {
    name: Arc<str>,
    shape: Arc<Shape>,
    /// Its number, from 0.
    pub index: u64,
    content: Content,
}

enum Content {
    Text { first_line: u32, bytes: Vec<u8> },
    Cells(parquet::Cells),
}

/// The facts of a piece.
pub struct Facts {
    /// In the order of the document.
    pub facts: Vec<Stated>,
    /// What they use, each identifier once a section, with the place of its first use.
    pub uses: Vec<Reference>,
    /// Everything wrong, warnings too, in the order of the document.
    pub problems: Vec<Problem>,
}

impl Pieces {
    /// Begins a document of lines: its header, and all that follows in pieces of about `piece_bytes`. `name` stands in
    /// messages; files that rules name are read from the folder.
    pub fn of_lines(
        bytes: Box<dyn Read + Send>,
        name: &str,
        folder: Option<PathBuf>,
        piece_bytes: usize,
    ) -> Result<(Header, Self), Stop> {
        let name: Arc<str> = name.into();
        let mut text = Text::new(bytes, piece_bytes, false);
        let mut reading = Reading::new(&name);
        let mut found = None;
        while found.is_none() {
            let Some((number, line)) = text.line(&name)? else {
                let start = Mark { line: 1, column: 1 };
                reading.problem(ProblemCode::Syntax, start, EMPTY.to_owned(), EMPTY_HELP);
                return Err(Stop::Problems(reading.problems));
            };
            let Some(line) = utf8(&line, number, &mut reading) else {
                return Err(Stop::Problems(reading.problems));
            };
            found = (!line.trim().is_empty()).then(|| (line.to_owned(), number));
        }
        let (line, number) = found.unwrap_or_default();
        let header = json::line(&line, number, &mut reading).and_then(|node| {
            refuse_sections(&node, &mut reading);
            facts::read_header(&node, &[], Section::WORDS, &mut reading).0
        });
        let refused = reading.problems.iter().any(|problem| !problem.is_warning());
        let Some(header) = header.filter(|_| !refused) else {
            reading.problems.sort_by(|a, b| a.place.cmp(&b.place));
            return Err(Stop::Problems(reading.problems));
        };
        let shape = Shape::Lines {
            header: line,
            line: number,
            folder,
        };
        Ok((header, Self::of(name, shape, Source::Text(text))))
    }

    /// Begins a CSV table of acts: its first row names the columns.
    pub fn of_csv(bytes: Box<dyn Read + Send>, name: &str, piece_bytes: usize) -> Result<Self, Stop> {
        let name: Arc<str> = name.into();
        let mut text = Text::new(bytes, piece_bytes, true);
        let mut reading = Reading::new(&name);
        let Some((number, line)) = text.line(&name)? else {
            let start = Mark { line: 1, column: 1 };
            reading.problem(
                ProblemCode::Syntax,
                start,
                "the table is empty".to_owned(),
                "the first row names the columns: id,at,act,from,to,subjects,fields,purpose",
            );
            return Err(Stop::Problems(reading.problems));
        };
        let columns =
            utf8(&line, number, &mut reading).and_then(|line| Columns::new(csv::header(line), &mut reading));
        match columns {
            Some(columns) => Ok(Self::of(name, Shape::Csv(columns), Source::Text(text))),
            None => Err(Stop::Problems(reading.problems)),
        }
    }

    /// Begins a Parquet table of acts, of this many rows a piece.
    pub fn of_parquet(file: File, name: &str, piece_rows: usize) -> Result<Self, Stop> {
        let name: Arc<str> = name.into();
        let mut reading = Reading::new(&name);
        let begun = parquet::Rows::open(file, piece_rows, &mut reading).and_then(|rows| {
            let columns = Columns::new(rows.names(), &mut reading)?;
            Some((rows, columns))
        });
        match begun {
            Some((rows, columns)) => Ok(Self::of(name, Shape::Parquet(columns), Source::Parquet(rows))),
            None => Err(Stop::Problems(reading.problems)),
        }
    }

    fn of(name: Arc<str>, shape: Shape, source: Source) -> Self {
        Self {
            name,
            shape: Arc::new(shape),
            source,
            index: 0,
        }
    }

    /// The next piece; `None` at the end.
    pub fn cut(&mut self) -> Result<Option<Piece>, Stop> {
        let content = match &mut self.source {
            Source::Text(text) => text
                .next(&self.name)?
                .map(|(first_line, bytes)| Content::Text { first_line, bytes }),
            Source::Parquet(rows) => {
                let mut reading = Reading::new(&self.name);
                let cells = rows.next(&mut reading);
                if !reading.problems.is_empty() {
                    return Err(Stop::Problems(reading.problems));
                }
                cells.map(Content::Cells)
            }
        };
        let index = self.index;
        self.index += 1;
        Ok(content.map(|content| Piece {
            name: Arc::clone(&self.name),
            shape: Arc::clone(&self.shape),
            index,
            content,
        }))
    }
}

impl Text {
    fn new(bytes: Box<dyn Read + Send>, piece_bytes: usize, quotes: bool) -> Self {
        Self {
            bytes,
            piece_bytes,
            rest: Vec::new(),
            line: 1,
            quotes,
            ended: false,
        }
    }

    /// Takes one line away, without its end; `None` when there is none left.
    fn line(&mut self, name: &Arc<str>) -> Result<Option<(u32, Vec<u8>)>, Stop> {
        while !self.rest.contains(&b'\n') && self.fill(name)? {}
        if self.line == 1 && self.rest.starts_with("\u{feff}".as_bytes()) {
            self.rest.drain(..3);
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(self.rest.len(), |end| end + 1);
        let mut line: Vec<u8> = self.rest.drain(..taken).collect();
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        let number = self.line;
        self.line += 1;
        Ok(Some((number, line)))
    }

    /// Reads on; `false` at the end.
    fn fill(&mut self, name: &Arc<str>) -> Result<bool, Stop> {
        if self.rest.len() > LINE_BYTES_MAX {
            return Err(Stop::Problems(vec![Problem {
                code: ProblemCode::Limit,
                place: Place {
                    file: Arc::clone(name),
                    line: self.line,
                    column: 1,
                },
                message: format!("the line is longer than {} MiB", LINE_BYTES_MAX >> 20),
                help: "write one fact a line, with a line feed after each; close every quote".to_owned(),
            }]));
        }
        let more = u64::try_from(self.piece_bytes).unwrap_or(u64::MAX);
        let read = (&mut self.bytes)
            .take(more)
            .read_to_end(&mut self.rest)
            .map_err(Stop::Unreadable)?;
        Ok(read > 0)
    }

    /// The next whole lines and the number of the first.
    fn next(&mut self, name: &Arc<str>) -> Result<Option<(u32, Vec<u8>)>, Stop> {
        if self.ended {
            return Ok(None);
        }
        let end = loop {
            if self.rest.len() >= self.piece_bytes
                && let Some(end) = self.last_end()
            {
                break end;
            }
            if !self.fill(name)? {
                self.ended = true;
                break self.rest.len();
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let rest = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, rest);
        let lines = memchr::memchr_iter(b'\n', &bytes).count();
        let first = self.line;
        self.line = first.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        Ok(Some((first, bytes)))
    }

    /// Where the last whole line ends.
    fn last_end(&self) -> Option<usize> {
        if !self.quotes || memchr::memchr(b'"', &self.rest).is_none() {
            return memchr::memrchr(b'\n', &self.rest).map(|end| end + 1);
        }
        let (mut inside, mut last) = (false, None);
        for (at, byte) in self.rest.iter().enumerate() {
            match byte {
                b'"' => inside = !inside,
                b'\n' if !inside => last = Some(at + 1),
                _ => {}
            }
        }
        last
    }
}

/// Bytes of a line as text, or the problem in `reading`.
fn utf8<'t>(line: &'t [u8], number: u32, reading: &mut Reading) -> Option<&'t str> {
    match std::str::from_utf8(line) {
        Ok(line) => Some(line),
        Err(error) => {
            let mark = Mark {
                line: number,
                column: u32::try_from(error.valid_up_to() + 1).unwrap_or(u32::MAX),
            };
            let message = "the bytes here are not UTF-8".to_owned();
            reading.problem(ProblemCode::Syntax, mark, message, "write the document in UTF-8");
            None
        }
    }
}

impl Piece {
    /// Makes facts of it.
    pub fn read(&self) -> Facts {
        let mut reading = Reading::of_a_piece(&self.name);
        let facts = match (&*self.shape, &self.content) {
            (Shape::Lines { header, line, folder }, Content::Text { first_line, bytes }) => lines(
                (header, *line),
                folder.as_deref(),
                *first_line,
                bytes,
                &mut reading,
            ),
            (Shape::Csv(columns), Content::Text { first_line, bytes }) => {
                csv::rows(columns, *first_line, bytes, &mut reading)
            }
            (Shape::Parquet(columns), Content::Cells(cells)) => cells.rows(columns, &mut reading),
            // A piece has the shape of its document.
            (Shape::Lines { .. } | Shape::Csv(_), Content::Cells(_))
            | (Shape::Parquet(_), Content::Text { .. }) => Vec::new(),
        };
        Facts {
            facts,
            uses: reading.references.into_open(),
            problems: reading.problems,
        }
    }
}

/// Facts of whole lines. The header was found to be in order when the document was begun.
fn lines(
    header: (&str, u32),
    folder: Option<&Path>,
    first_line: u32,
    bytes: &[u8],
    reading: &mut Reading,
) -> Vec<Stated> {
    let mut known = Reading::new("the header");
    let header = json::line(header.0, header.1, &mut known);
    let defaults = match &header {
        Some(header) => facts::read_header(header, &[], Section::WORDS, &mut known).1,
        None => &[],
    };
    let read = folder.map(|folder| move |file: &str| beside::text(&folder.join(file)));
    let files = read.as_ref().map(|read| read as &dyn Fn(&str) -> _);
    let mut all = Vec::new();
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(first_line..) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(line) = utf8(line, number, reading) else {
            continue;
        };
        if !line.trim().is_empty()
            && let Some(node) = json::line(line, number, reading)
            && let Some((section, item)) = section_of(&node, reading)
        {
            all.extend(beside::item(section, item, files, defaults, reading));
        }
    }
    all
}
