//! The events as they came, in a file beside the store: `lineage/events.ndjson`.
//!
//! A line is a check and the event as one line of JSON. The check goes over the check before and the event, so that a
//! line that was altered, lost or put elsewhere is noticed at the next opening. Appending is shared: whoever comes
//! while another writes joins the next write, so that many callers cost one sync.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::IntakeError;

/// Digits of a check.
const CHECK_LEN: usize = 32;

/// The journal.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    queue: Mutex<Queue>,
    written: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<u8>,
    /// Lines given so far.
    given: u64,
    /// Lines that are durable.
    durable: u64,
    check: String,
    is_writing: bool,
    /// After a failed write nothing more is taken: what is on disk is known again only after opening.
    failure: Option<String>,
}

impl Journal {
    /// Opens the journal, or makes it. Every line is given to `each` with its number, from 1. A last line that was
    /// never finished was never acknowledged, and is cut off.
    pub fn open(path: &Path, each: impl FnMut(u64, &str)) -> Result<Self, IntakeError> {
        let io = |cause| IntakeError::Io {
            path: path.to_owned(),
            cause,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        let (queue, good) = read(&file, path, each)?;
        file.set_len(good).map_err(io)?;
        file.seek(SeekFrom::Start(good)).map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            queue: Mutex::new(queue),
            written: Condvar::new(),
        })
    }

    /// Gives every finished line to `each`, with its number, and changes nothing.
    pub fn read(path: &Path, each: impl FnMut(u64, &str)) -> Result<(), IntakeError> {
        let file = File::open(path).map_err(|cause| IntakeError::Io {
            path: path.to_owned(),
            cause,
        })?;
        read(&file, path, each).map(|_| ())
    }

    /// Appends events, each without line breaks, and gives the number of the first. They are durable only when
    /// [`Self::wait`] has returned for the last.
    pub fn give(&self, events: &[String]) -> u64 {
        let mut queue = self.queue();
        let first = queue.given + 1;
        for event in events {
            let check = next_check(&queue.check, event);
            queue.waiting.extend(check.as_bytes());
            queue.waiting.push(b' ');
            queue.waiting.extend(event.as_bytes());
            queue.waiting.push(b'\n');
            queue.check = check;
            queue.given += 1;
        }
        first
    }

    /// How many lines have been given.
    pub fn given(&self) -> u64 {
        self.queue().given
    }

    /// How many lines are durable.
    pub fn durable(&self) -> u64 {
        self.queue().durable
    }

    /// Returns when the line of this number is durable.
    pub fn wait(&self, number: u64) -> Result<(), IntakeError> {
        let mut queue = self.queue();
        loop {
            if let Some(failure) = &queue.failure {
                return Err(IntakeError::Stopped(failure.clone()));
            }
            if queue.durable >= number {
                return Ok(());
            }
            if queue.is_writing {
                queue = self.written.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.is_writing = true;
            let bytes = std::mem::take(&mut queue.waiting);
            let until = queue.given;
            drop(queue);
            let written = self.write(&bytes);
            queue = self.queue();
            queue.is_writing = false;
            match written {
                Ok(()) => queue.durable = until,
                Err(cause) => queue.failure = Some(format!("{}: {cause}", self.path.display())),
            }
            self.written.notify_all();
        }
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(bytes)?;
        file.sync_data()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads and checks all finished lines; also gives how many bytes they have.
fn read(file: &File, path: &Path, mut each: impl FnMut(u64, &str)) -> Result<(Queue, u64), IntakeError> {
    let mut queue = Queue::default();
    let mut good = 0_u64;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = reader
            .read_until(b'\n', &mut line)
            .map_err(|cause| IntakeError::Io {
                path: path.to_owned(),
                cause,
            })?;
        if length == 0 {
            break;
        }
        let number = queue.given + 1;
        if line.last() != Some(&b'\n') {
            tracing::warn!(path = %path.display(), line = number, "the journal ends inside a line that was never acknowledged");
            break;
        }
        let damaged = || IntakeError::Damaged {
            path: path.to_owned(),
            line: number,
        };
        let text = std::str::from_utf8(&line)
            .map_err(|_| damaged())?
            .trim_end_matches('\n');
        let (check, event) = text.split_at_checked(CHECK_LEN).ok_or_else(damaged)?;
        let event = event.strip_prefix(' ').ok_or_else(damaged)?;
        if check != next_check(&queue.check, event) {
            return Err(damaged());
        }
        check.clone_into(&mut queue.check);
        queue.given = number;
        each(number, event);
        good += u64::try_from(length).unwrap_or(u64::MAX);
    }
    queue.durable = queue.given;
    Ok((queue, good))
}

fn next_check(before: &str, event: &str) -> String {
    let digest = blake3::Hasher::new()
        .update(before.as_bytes())
        .update(event.as_bytes())
        .finalize();
    digest.to_hex()[..CHECK_LEN].to_owned()
}

#[cfg(test)]
mod tests {
    use super::Journal;

    fn lines(path: &std::path::Path) -> Result<Vec<String>, super::IntakeError> {
        let mut all = Vec::new();
        Journal::open(path, |_, event| all.push(event.to_owned()))?;
        Ok(all)
    }

    #[test]
    fn a_torn_end_is_cut_off_and_anything_else_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let journal = Journal::open(&path, |_, _| ()).unwrap();
        let last = journal.give(&["{\"a\":1}".to_owned(), "{\"b\":2}".to_owned()]) + 1;
        journal.wait(last).unwrap();
        drop(journal);
        assert_eq!(lines(&path).unwrap(), ["{\"a\":1}", "{\"b\":2}"]);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        assert_eq!(lines(&path).unwrap(), ["{\"a\":1}"]);
        for flip in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[flip] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            let read = lines(&path);
            // A flipped last line break leaves a line without an end, which looks torn.
            let is_torn = flip + 1 == whole.len() && read.as_ref().is_ok_and(|lines| lines.len() == 1);
            assert!(read.is_err() || is_torn, "byte {flip}: {read:?}");
        }
    }
}
