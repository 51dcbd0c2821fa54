//! A document that is too large for memory, piece by piece.
//!
//! [`Pieces`] cuts it on one thread, which only looks for ends of lines; [`Piece::read`] makes facts of a piece on any
//! thread. What pieces must know of each other (who declares what, what stands twice) is left to whoever puts them
//! together.

use std::io::Read;
use std::sync::Arc;

use super::{Format, json, refuse_sections, section_of};
use crate::facts::node::Mark;
use crate::facts::{self, Reading, Reference};
use crate::model::fact::{Header, Stated};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::word::Section;

/// Bytes of a piece, unless a single line is longer.
pub const PIECE_BYTES: usize = 4 << 20;
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
    source: Box<dyn Read + Send>,
    shape: Arc<Shape>,
    piece_bytes: usize,
    /// What follows the last end of a line.
    rest: Vec<u8>,
    line: u32,
    index: u64,
    ended: bool,
}

/// What holds for all pieces of a document.
struct Shape {
    name: Arc<str>,
    /// The first line that is not blank: the header of a document of lines.
    header: String,
    header_line: u32,
}

/// Some whole lines of a document.
pub struct Piece {
    shape: Arc<Shape>,
    /// Its number, from 0.
    pub index: u64,
    first_line: u32,
    text: Vec<u8>,
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
    /// Begins a document of lines: its header, and all that follows in pieces. `name` stands in messages.
    pub fn of_lines(source: Box<dyn Read + Send>, name: &str) -> Result<(Header, Self), Stop> {
        Self::of_lines_in(source, name, PIECE_BYTES)
    }

    /// The same with pieces of another size.
    pub fn of_lines_in(
        source: Box<dyn Read + Send>,
        name: &str,
        piece_bytes: usize,
    ) -> Result<(Header, Self), Stop> {
        let name: Arc<str> = name.into();
        let mut pieces = Self {
            source,
            shape: Arc::new(Shape {
                name: Arc::clone(&name),
                header: String::new(),
                header_line: 1,
            }),
            piece_bytes,
            rest: Vec::new(),
            line: 1,
            index: 0,
            ended: false,
        };
        let mut reading = Reading::new(&name);
        let header = pieces.header(&mut reading)?;
        let refused = reading.problems.iter().any(|problem| !problem.is_warning());
        match header {
            Some(header) if !refused => Ok((header, pieces)),
            Some(_) | None => Err(Stop::Problems(reading.problems)),
        }
    }

    fn header(&mut self, reading: &mut Reading) -> Result<Option<Header>, Stop> {
        let mut number = 1;
        loop {
            while !self.rest.contains(&b'\n') && self.fill()? {}
            if number == 1 && self.rest.starts_with("\u{feff}".as_bytes()) {
                self.rest.drain(..3);
            }
            let end = self.rest.iter().position(|byte| *byte == b'\n');
            let mut line: Vec<u8> = self
                .rest
                .drain(..end.map_or(self.rest.len(), |end| end + 1))
                .collect();
            while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                line.pop();
            }
            self.line = number + 1;
            let line = String::from_utf8(line).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                reading.problem(
                    ProblemCode::Syntax,
                    mark(number, at),
                    NO_TEXT.to_owned(),
                    TEXT_HELP,
                );
                Stop::Problems(std::mem::take(&mut reading.problems))
            })?;
            if line.trim().is_empty() && end.is_some() {
                number += 1;
                continue;
            }
            if line.trim().is_empty() {
                reading.problem(
                    ProblemCode::Syntax,
                    mark(1, 0),
                    super::EMPTY.to_owned(),
                    super::EMPTY_HELP,
                );
                return Ok(None);
            }
            let header = json::line(&line, number, reading).and_then(|node| {
                refuse_sections(&node, reading);
                facts::read_header(&node, Section::WORDS, reading).0
            });
            self.shape = Arc::new(Shape {
                name: Arc::clone(&self.shape.name),
                header: line,
                header_line: number,
            });
            return Ok(header);
        }
    }

    /// Reads on; `false` at the end.
    fn fill(&mut self) -> Result<bool, Stop> {
        let before = self.rest.len();
        let more = u64::try_from(self.piece_bytes).unwrap_or(u64::MAX);
        let read = (&mut self.source)
            .take(more)
            .read_to_end(&mut self.rest)
            .map_err(Stop::Unreadable)?;
        if self.rest.len() > LINE_BYTES_MAX && !self.rest[..before].contains(&b'\n') {
            return Err(Stop::Problems(vec![Problem {
                code: ProblemCode::Limit,
                place: self.shape.place(mark(self.line, 0)),
                message: format!("the line is longer than {} MiB", LINE_BYTES_MAX >> 20),
                help: "write one fact a line, with a line feed after each".to_owned(),
            }]));
        }
        Ok(read > 0)
    }

    /// The next piece; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Piece>, Stop> {
        if self.ended {
            return Ok(None);
        }
        let end = loop {
            if self.rest.len() >= self.piece_bytes
                && let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n')
            {
                break end + 1;
            }
            if !self.fill()? {
                self.ended = true;
                break self.rest.len();
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let rest = self.rest.split_off(end);
        let text = std::mem::replace(&mut self.rest, rest);
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        let piece = Piece {
            shape: Arc::clone(&self.shape),
            index: self.index,
            first_line: self.line,
            text,
        };
        self.index += 1;
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        Ok(Some(piece))
    }

    /// The format that the pieces have.
    pub fn format(&self) -> Format {
        Format::Ndjson
    }
}

const NO_TEXT: &str = "the bytes here are not UTF-8";
const TEXT_HELP: &str = "write the document in UTF-8";

fn mark(line: u32, offset: usize) -> Mark {
    Mark {
        line,
        column: u32::try_from(offset + 1).unwrap_or(u32::MAX),
    }
}

impl Shape {
    fn place(&self, mark: Mark) -> Place {
        Place {
            file: Arc::clone(&self.name),
            line: mark.line,
            column: mark.column,
        }
    }
}

impl Piece {
    /// Makes facts of it.
    pub fn read(&self) -> Facts {
        let mut reading = Reading::of_a_piece(&self.shape.name);
        let mut facts = Vec::new();
        // The header was found to be in order when the document was begun.
        let mut known = Reading::new(&self.shape.name);
        let header = json::line(&self.shape.header, self.shape.header_line, &mut known);
        let defaults = match &header {
            Some(header) => facts::read_header(header, Section::WORDS, &mut known).1,
            None => &[],
        };
        for (line, number) in self.text.split(|byte| *byte == b'\n').zip(self.first_line..) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line = match std::str::from_utf8(line) {
                Ok(line) => line,
                Err(error) => {
                    let at = mark(number, error.valid_up_to());
                    reading.problem(ProblemCode::Syntax, at, NO_TEXT.to_owned(), TEXT_HELP);
                    continue;
                }
            };
            if line.trim().is_empty() {
                continue;
            }
            if let Some(node) = json::line(line, number, &mut reading)
                && let Some((section, item)) = section_of(&node, &mut reading)
            {
                facts.extend(facts::item(section, item, defaults, &mut reading));
            }
        }
        Facts {
            facts,
            uses: reading.references.into_open(),
            problems: reading.problems,
        }
    }
}
