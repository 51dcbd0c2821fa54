//! The events as they came, in a file beside the store: `lineage/events.ndjson`.
//!
//! A line is a check and the event as one line of JSON. The check goes over the check before and the event, so that a
//! line that was altered, lost or put elsewhere is noticed at the next opening. One thread writes: what comes while it
//! waits for the disk is its next write, so that many callers cost one sync, and none of them holds a thread.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::IntakeError;

/// Digits of a check.
const CHECK_LEN: usize = 32;

/// The journal. Dropping it writes what was given and ends its thread.
pub struct Journal {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
}

/// What is called when events are durable, or cannot become so; then with what went wrong.
pub type Told = Box<dyn FnOnce(Result<(), IntakeError>) + Send>;

#[derive(Default)]
struct Queue {
    /// Lines that are not on their way to the disk yet.
    lines: Vec<String>,
    /// Who is told when the line of this number is durable. The numbers never fall.
    waiting: VecDeque<(u64, Told)>,
    /// Lines given so far.
    given: u64,
    /// Lines that are durable.
    durable: u64,
    /// After a failed write nothing more is taken: what is on disk is known again only after opening.
    failure: Option<String>,
    is_closed: bool,
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
        let found = read(&file, path, each)?;
        file.set_len(found.bytes).map_err(io)?;
        file.seek(SeekFrom::Start(found.bytes)).map_err(io)?;
        let queue = Queue {
            given: found.lines,
            durable: found.lines,
            ..Queue::default()
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            filled: Condvar::new(),
        });
        let writer = Writer {
            shared: Arc::clone(&shared),
            path: path.to_owned(),
            file,
            check: found.check,
            bytes: Vec::new(),
        };
        let writer = std::thread::Builder::new()
            .name("lineage journal".to_owned())
            .spawn(move || writer.run())
            .map_err(io)?;
        Ok(Self {
            shared,
            writer: Some(writer),
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

    /// Appends events, each without line breaks. `told` is called when they and all that were given before are durable,
    /// with the number of the first: by the thread that writes, which it must not hold up.
    pub fn give(
        &self,
        events: Vec<String>,
        told: impl FnOnce(u64, Result<(), IntakeError>) + Send + 'static,
    ) {
        let mut queue = self.shared.queue();
        let first = queue.given + 1;
        if let Some(failure) = &queue.failure {
            let failure = IntakeError::Stopped(failure.clone());
            drop(queue);
            return told(first, Err(failure));
        }
        queue.given += u64::try_from(events.len()).unwrap_or(u64::MAX);
        queue.lines.extend(events);
        let last = queue.given;
        if queue.durable >= last {
            drop(queue);
            return told(first, Ok(()));
        }
        queue
            .waiting
            .push_back((last, Box::new(move |written| told(first, written))));
        drop(queue);
        self.shared.filled.notify_one();
    }

    /// How many lines are durable.
    pub fn durable(&self) -> u64 {
        self.shared.queue().durable
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.queue().is_closed = true;
        self.shared.filled.notify_one();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that writes.
struct Writer {
    shared: Arc<Shared>,
    path: PathBuf,
    file: File,
    check: String,
    /// What is written at once; kept for its room.
    bytes: Vec<u8>,
}

impl Writer {
    /// Writes until the journal is closed and everything is written.
    fn run(mut self) {
        loop {
            let mut queue = self.shared.queue();
            while queue.lines.is_empty() && !queue.is_closed {
                queue = self
                    .shared
                    .filled
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if queue.lines.is_empty() {
                return;
            }
            let lines = std::mem::take(&mut queue.lines);
            let until = queue.given;
            drop(queue);
            // Whoever waits must hear of it, whatever happens here.
            let written = catch_unwind(AssertUnwindSafe(|| self.write(&lines)))
                .unwrap_or_else(|_| Err(std::io::Error::other("writing panicked")));
            let mut queue = self.shared.queue();
            match written {
                Ok(()) => {
                    queue.durable = until;
                    let is_done = |(last, _): &(u64, Told)| *last <= until;
                    let count = queue.waiting.iter().take_while(|one| is_done(one)).count();
                    let done: Vec<_> = queue.waiting.drain(..count).collect();
                    drop(queue);
                    for (_, told) in done {
                        told(Ok(()));
                    }
                }
                Err(cause) => {
                    let failure = format!("{}: {cause}", self.path.display());
                    queue.failure = Some(failure.clone());
                    queue.lines.clear();
                    let all = std::mem::take(&mut queue.waiting);
                    drop(queue);
                    for (_, told) in all {
                        told(Err(IntakeError::Stopped(failure.clone())));
                    }
                }
            }
        }
    }

    fn write(&mut self, lines: &[String]) -> std::io::Result<()> {
        self.bytes.clear();
        for line in lines {
            self.check = next_check(&self.check, line);
            self.bytes.extend(self.check.as_bytes());
            self.bytes.push(b' ');
            self.bytes.extend(line.as_bytes());
            self.bytes.push(b'\n');
        }
        self.file.write_all(&self.bytes)?;
        self.file.sync_data()
    }
}

/// What stands in a journal.
#[derive(Default)]
struct Found {
    lines: u64,
    bytes: u64,
    check: String,
}

/// Reads and checks all finished lines.
fn read(file: &File, path: &Path, mut each: impl FnMut(u64, &str)) -> Result<Found, IntakeError> {
    let mut found = Found::default();
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
        let number = found.lines + 1;
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
        if check != next_check(&found.check, event) {
            return Err(damaged());
        }
        check.clone_into(&mut found.check);
        found.lines = number;
        each(number, event);
        found.bytes += u64::try_from(length).unwrap_or(u64::MAX);
    }
    Ok(found)
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
    use std::sync::mpsc;

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
        journal.give(vec!["{\"a\":1}".to_owned(), "{\"b\":2}".to_owned()], |_, _| ());
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

    #[test]
    fn whoever_gives_is_told_when_its_lines_can_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let journal = Journal::open(&path, |_, _| ()).unwrap();
        let (tell, told) = mpsc::channel();
        for number in 0..200 {
            let (tell, path) = (tell.clone(), path.clone());
            // Every tenth gives nothing new: it waits for those before.
            let events = if number % 10 == 0 {
                vec![]
            } else {
                vec![format!("{number}")]
            };
            let is_empty = events.is_empty();
            journal.give(events, move |first, written| {
                let mut found = 0;
                Journal::read(&path, |_, _| found += 1).unwrap();
                let last = if is_empty { first - 1 } else { first };
                tell.send(written.is_ok() && found >= last).unwrap();
            });
        }
        assert!(told.iter().take(200).all(|is_there| is_there));
        assert_eq!(journal.durable(), 180);
    }
}
