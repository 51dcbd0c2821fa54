//! The snapshot file: columns as they lie in memory, mapped when opened.
//!
//! Little-endian. A head of 64 bytes, a table with one entry of 64 bytes for each section, a digest of both, then
//! the sections, each beginning at a multiple of 64 bytes. Every byte of the file is under one of the digests. The
//! file is a copy: when it is missing, stale or damaged, the columns are built again from the record.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::Mmap;

use super::column::{Column, number};
use super::columns::{Columns, Lives, Pieces, Rows};
use super::instants::Instants;
use super::log::Ties;
use super::marks::Marks;
use super::neighbors::Neighbors;
use crate::sys;

const MAGIC: [u8; 8] = *b"WHYCOLMN";
const VERSION: u32 = 7;
const ALIGN: usize = 64;
const DIGEST: usize = 32;

/// The state of the record that columns were built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// The last commit that is in them.
    pub sequence: u64,
    /// What tells this record, and what was read from it, from others.
    pub digest: [u8; DIGEST],
}

/// Why a snapshot file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is none yet.
    #[error("there is no snapshot file `{}`", .0.display())]
    Missing(PathBuf),
    /// The system would not read or write it.
    #[error("snapshot file `{}`: {error}", .0.display(), error = .1)]
    Io(PathBuf, #[source] io::Error),
    /// It does not begin as a snapshot file does.
    #[error("this is no snapshot file of columns")]
    NotOurs,
    /// It was written by another version.
    #[error("the snapshot file has version {0}, this program reads version {VERSION}")]
    Version(u32),
    /// It ends before it should, or goes on behind its end.
    #[error("the snapshot file is {0} bytes long and should be {1}")]
    Length(usize, usize),
    /// Head or table are not as they were written.
    #[error("the head of the snapshot file is damaged")]
    Head,
    /// A section is not as it was written.
    #[error("section `{0}` of the snapshot file is damaged")]
    Section(&'static str),
    /// It was built from another state of the record.
    #[error("the snapshot file holds commit {0}, the record is at commit {1}")]
    Stale(u64, u64),
}

/// The sections in the order of the file.
const SECTIONS: [&str; 24] = [
    "row-from",
    "row-to",
    "row-label",
    "moment-marks",
    "moment-ranks",
    "instant-bases",
    "instant-offsets",
    "instant-wide",
    "life-first",
    "life-since",
    "out-begins",
    "out",
    "into-begins",
    "into",
    "pieces",
    "piece-out-begins",
    "piece-into",
    "piece-into-begins",
    "starts",
    "stops",
    "instant-short",
    "row-standing",
    "counts",
    "beside",
];

fn bytes_of<T: Pod>(column: &Column<T>) -> &[u8] {
    bytemuck::cast_slice(column)
}

impl Columns {
    /// Writes the columns to a file, whole or not at all: to a temporary one beside it, synced, then renamed.
    pub fn save(&self, path: &Path, base: Base) -> Result<(), FileError> {
        let failed = |error| FileError::Io(path.to_owned(), error);
        // Two programs may write at once; whose file is renamed last stays.
        let temporary = path.with_extension(format!("{}.new", std::process::id()));
        let written = self
            .write(&temporary, base)
            .and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            // What is half-written, or has no place, is of no use to anybody; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(failed)?;
        match path.parent() {
            Some(folder) if folder != Path::new("") => File::open(folder),
            _ => File::open("."),
        }
        .and_then(|folder| folder.sync_all())
        .map_err(failed)
    }

    fn write(&self, path: &Path, base: Base) -> io::Result<()> {
        let counts = self.counts();
        let sections = self.sections(&counts);
        let mut table: Vec<u8> = Vec::new();
        let mut at = begin_of_sections();
        for (section, item) in &sections {
            let end = padded(at + section.len());
            let mut digest = blake3::Hasher::new();
            digest.update(section);
            digest.update(&[0; ALIGN][..end - at - section.len()]);
            table.extend((at as u64).to_le_bytes());
            table.extend((section.len() as u64).to_le_bytes());
            table.extend((*item as u64).to_le_bytes());
            table.extend([0; 8]);
            table.extend(digest.finalize().as_bytes());
            at = end;
        }
        let mut head: Vec<u8> = Vec::new();
        head.extend(MAGIC);
        head.extend(VERSION.to_le_bytes());
        head.extend(ties_number(self.ties()).to_le_bytes());
        head.extend(base.sequence.to_le_bytes());
        head.extend((at as u64).to_le_bytes());
        head.extend(base.digest);
        head.extend(table);
        let digest = *blake3::hash(&head).as_bytes();
        let mut out = BufWriter::new(File::create(path)?);
        out.write_all(&head)?;
        out.write_all(&digest)?;
        out.write_all(&vec![0; begin_of_sections() - head.len() - DIGEST])?;
        for (section, _) in &sections {
            out.write_all(section)?;
            out.write_all(&[0; ALIGN][..padded(section.len()) - section.len()])?;
        }
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()
    }

    /// Numbers of which there is one each.
    fn counts(&self) -> [u32; 3] {
        let unit = self.rows.instants.unit.to_le_bytes();
        [
            self.rows.marks.rows,
            u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]),
            u32::from_le_bytes([unit[4], unit[5], unit[6], unit[7]]),
        ]
    }

    fn sections<'a>(&'a self, counts: &'a [u32]) -> [(&'a [u8], usize); SECTIONS.len()] {
        let (rows, lives, pieces) = (&self.rows, &self.lives, &self.pieces);
        [
            (bytes_of(&rows.from), 4),
            (bytes_of(&rows.to), 4),
            (bytes_of(&rows.label), 4),
            (bytes_of(&rows.marks.words), 8),
            (bytes_of(&rows.marks.ranks), 4),
            (bytes_of(&rows.instants.bases), 8),
            (bytes_of(&rows.instants.offsets), 4),
            (bytes_of(&rows.instants.wide), 8),
            (bytes_of(&lives.first), 4),
            (bytes_of(&lives.since), 4),
            (bytes_of(&lives.out_begins), 4),
            (bytes_of(&lives.out.bytes), 1),
            (bytes_of(&lives.into_begins), 4),
            (bytes_of(&lives.into.bytes), 1),
            (bytes_of(&pieces.all), 20),
            (bytes_of(&pieces.out_begins), 4),
            (bytes_of(&pieces.into), 4),
            (bytes_of(&pieces.into_begins), 4),
            (bytes_of(&self.starts), 8),
            (bytes_of(&self.stops), 20),
            (bytes_of(&rows.instants.short), 2),
            (bytes_of(&rows.standing), 8),
            (bytemuck::cast_slice(counts), 4),
            (bytes_of(&self.beside), 4),
        ]
    }

    /// Whether both would be written as the same bytes. Cost: one pass over both.
    pub fn is_same(&self, other: &Self) -> bool {
        let counts = [self, other].map(Self::counts);
        self.ties() == other.ties() && self.sections(&counts[0]) == other.sections(&counts[1])
    }

    /// Opens a snapshot file by mapping it. Cost: reading it once, for the digests.
    pub fn open(path: &Path, base: Base) -> Result<Self, FileError> {
        let (columns, _) = Self::open_of(path, |found| {
            (found == base)
                .then_some(())
                .ok_or(FileError::Stale(found.sequence, base.sequence))
        })?;
        Ok(columns)
    }

    /// The same of any state of the record that is `fit`. Gives that state too.
    pub fn open_of(
        path: &Path,
        fit: impl FnOnce(Base) -> Result<(), FileError>,
    ) -> Result<(Self, Base), FileError> {
        let file = File::open(path).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                FileError::Missing(path.to_owned())
            } else {
                FileError::Io(path.to_owned(), error)
            }
        })?;
        let map = sys::map(&file).map_err(|error| FileError::Io(path.to_owned(), error))?;
        let (opening, base) = Opening::new(map)?;
        fit(base)?;
        Ok((opening.columns()?, base))
    }

    /// Opens the snapshot file, or builds the columns and writes it. Gives, with the columns, why the file was not
    /// used, when it was not; and why it could not be written, when that failed too.
    pub fn open_or_build<E>(
        path: &Path,
        base: Base,
        build: impl FnOnce() -> Result<Self, E>,
    ) -> Result<(Self, Vec<FileError>), E> {
        match Self::open(path, base) {
            Ok(columns) => Ok((columns, Vec::new())),
            Err(unusable) => {
                let columns = build()?;
                let mut told = vec![unusable];
                told.extend(columns.save(path, base).err());
                Ok((columns, told))
            }
        }
    }
}

/// A file whose head has been checked.
struct Opening {
    map: Arc<Mmap>,
    ties: Ties,
}

impl Opening {
    fn new(map: Mmap) -> Result<(Self, Base), FileError> {
        let end_of_head = ALIGN + SECTIONS.len() * ALIGN;
        if map.len() < 16 || map[..8] != MAGIC {
            return Err(FileError::NotOurs);
        }
        let number =
            |from: usize| u32::from_le_bytes([map[from], map[from + 1], map[from + 2], map[from + 3]]);
        if number(8) != VERSION {
            return Err(FileError::Version(number(8)));
        }
        if map.len() < begin_of_sections() {
            return Err(FileError::Length(map.len(), begin_of_sections()));
        }
        let digest = blake3::hash(&map[..end_of_head]);
        let rest = &map[end_of_head..begin_of_sections()];
        if rest[..DIGEST] != *digest.as_bytes() || rest[DIGEST..].iter().any(|byte| *byte != 0) {
            return Err(FileError::Head);
        }
        let length = size(&map, 24);
        if length != map.len() {
            return Err(FileError::Length(map.len(), length));
        }
        let ties = ties_of(number(12)).ok_or(FileError::Head)?;
        let mut base = Base {
            sequence: size(&map, 16) as u64,
            digest: [0; DIGEST],
        };
        base.digest.copy_from_slice(&map[32..64]);
        let map = Arc::new(map);
        Ok((Self { map, ties }, base))
    }

    /// Checks every section, several at a time.
    fn check(&self) -> Result<(), FileError> {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let next = std::sync::atomic::AtomicUsize::new(0);
        let damaged = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..workers.min(SECTIONS.len()) {
                scope.spawn(|| {
                    loop {
                        let section = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if section >= SECTIONS.len() {
                            break;
                        }
                        if !self.is_whole(section) {
                            damaged
                                .lock()
                                .unwrap_or_else(std::sync::PoisonError::into_inner)
                                .push(section);
                        }
                    }
                });
            }
        });
        let damaged = damaged
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match damaged.iter().min() {
            Some(section) => Err(FileError::Section(SECTIONS[*section])),
            None => Ok(()),
        }
    }

    fn entry(&self, section: usize) -> (usize, usize, usize) {
        let at = ALIGN + section * ALIGN;
        let from = size(&self.map, at);
        (from, from.saturating_add(size(&self.map, at + 8)), at + 32)
    }

    fn is_whole(&self, section: usize) -> bool {
        let (from, to, digest) = self.entry(section);
        let Some(bytes) = self.map.get(from..padded(to)) else {
            return false;
        };
        *blake3::hash(bytes).as_bytes() == self.map[digest..digest + DIGEST]
    }

    fn column<T: Pod>(&self, section: usize) -> Result<Column<T>, FileError> {
        let (from, to, _) = self.entry(section);
        Column::mapped(&self.map, from, to).ok_or(FileError::Section(SECTIONS[section]))
    }

    /// Neighbors, of which the last begin says how many there are.
    fn neighbors(&self, section: usize, begins: &Column<u32>, rows: u32) -> Result<Neighbors, FileError> {
        let count = begins.last().copied().unwrap_or(0) as usize;
        let lives = number(begins.len().saturating_sub(1));
        Neighbors::of_bytes(self.column(section)?, count, rows, lives)
            .ok_or(FileError::Section(SECTIONS[section]))
    }

    fn columns(&self) -> Result<Columns, FileError> {
        self.check()?;
        let counts: Column<u32> = self.column(22)?;
        let [rows, low, high] = *counts else {
            return Err(FileError::Section(SECTIONS[22]));
        };
        let unit = (i64::from(high) << 32) | i64::from(low);
        let (out_begins, into_begins) = (self.column(10)?, self.column(12)?);
        Ok(Columns {
            ties: Some(self.ties),
            rows: Rows {
                from: self.column(0)?,
                to: self.column(1)?,
                label: self.column(2)?,
                marks: Marks {
                    words: self.column(3)?,
                    ranks: self.column(4)?,
                    rows,
                },
                instants: Instants {
                    unit,
                    bases: self.column(5)?,
                    short: self.column(20)?,
                    offsets: self.column(6)?,
                    wide: self.column(7)?,
                },
                standing: self.column(21)?,
            },
            lives: Lives {
                first: self.column(8)?,
                since: self.column(9)?,
                out: self.neighbors(11, &out_begins, rows)?,
                out_begins,
                into: self.neighbors(13, &into_begins, rows)?,
                into_begins,
            },
            pieces: Pieces {
                all: self.column(14)?,
                out_begins: self.column(15)?,
                into: self.column(16)?,
                into_begins: self.column(17)?,
            },
            starts: self.column(18)?,
            stops: self.column(19)?,
            beside: self.column(23)?,
        })
    }
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGN)
}

fn begin_of_sections() -> usize {
    padded(ALIGN + SECTIONS.len() * ALIGN + DIGEST)
}

/// The length or place written at a byte of the head.
fn size(map: &[u8], at: usize) -> usize {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&map[at..at + 8]);
    usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX)
}

fn ties_number(ties: Ties) -> u32 {
    match ties {
        Ties::Recorded => 0,
        Ties::Any => 1,
        Ties::Strict => 2,
    }
}

fn ties_of(number: u32) -> Option<Ties> {
    [Ties::Recorded, Ties::Any, Ties::Strict]
        .get(number as usize)
        .copied()
}
