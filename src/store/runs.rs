//! Sorting more rows than memory should hold: sorted runs are put aside, then merged once.
//!
//! Runs lie one after the other in a file that has no name any more, so nothing of it is left behind when the
//! process ends; a store in memory keeps them in memory. A merge reads all runs at once, each through a small
//! buffer, so its memory does not grow with the number of rows.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::error::StoreError;
use super::seam::{Leading, Rows, leading};

/// Bytes of all buffers of a merge together, unless there are very many runs.
const BUFFERS: u64 = 16 << 20;
/// A buffer is not smaller than this.
const BUFFER_MIN: u64 = 4 << 10;
/// A buffer is not larger than this.
const BUFFER_MAX: u64 = 1 << 20;

/// Bytes of a run that are written at once.
const WRITE_BYTES: usize = 256 << 10;

/// Rows with keys of one width, put aside in sorted runs.
pub struct Runs {
    key_len: usize,
    medium: Medium,
    /// Where each run ends.
    ends: Mutex<Vec<u64>>,
}

impl Default for Runs {
    fn default() -> Self {
        Self {
            key_len: 0,
            medium: Medium::Memory(Mutex::default()),
            ends: Mutex::default(),
        }
    }
}

enum Medium {
    Memory(Mutex<Vec<u8>>),
    File(File),
}

impl Medium {
    fn write(&self, bytes: &[u8], at: u64) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.write_all_at(bytes, at).map_err(scratch),
            Self::Memory(all) => {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let end = at + bytes.len();
                if all.len() < end {
                    all.resize(end, 0);
                }
                all[at..end].copy_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn read(&self, into: &mut [u8], at: u64) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.read_exact_at(into, at).map_err(scratch),
            Self::Memory(all) => {
                let all = all.lock().unwrap_or_else(PoisonError::into_inner);
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                into.copy_from_slice(&all[at..at + into.len()]);
                Ok(())
            }
        }
    }
}

impl Runs {
    /// No rows yet. `folder` is where the file lies; `name` is its name as long as it has one.
    pub fn new(folder: Option<&Path>, name: &str, key_len: usize) -> Result<Self, StoreError> {
        let medium = match folder {
            None => Medium::Memory(Mutex::default()),
            Some(folder) => {
                let path = folder.join(name);
                let file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .create_new(true)
                    .open(&path)
                    .map_err(StoreError::io("create", &path))?;
                std::fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
                Medium::File(file)
            }
        };
        Ok(Self {
            key_len,
            medium,
            ends: Mutex::default(),
        })
    }

    /// Puts sorted rows aside as a run.
    pub fn add(&self, rows: &Rows) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let len = rows.byte_len() + 4 * rows.len();
        let mut at = {
            let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
            let start = ends.last().copied().unwrap_or(0);
            ends.push(start + len as u64);
            start
        };
        let mut bytes = Vec::with_capacity(len.min(WRITE_BYTES + 4096));
        for (key, value) in rows.iter() {
            debug_assert_eq!(key.len(), self.key_len, "keys of a column have one width");
            let len = u32::try_from(value.len()).map_err(|_| StoreError::Engine {
                doing: "sort rows",
                detail: "a row is longer than 4 GiB".to_owned(),
            })?;
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(&len.to_le_bytes());
            bytes.extend_from_slice(value);
            if bytes.len() >= WRITE_BYTES {
                self.medium.write(&bytes, at)?;
                at += bytes.len() as u64;
                bytes.clear();
            }
        }
        self.medium.write(&bytes, at)
    }

    /// Reads all rows back in the order of their keys; equal keys come in the order in which their runs were added.
    pub fn merge(self) -> Result<Merge, StoreError> {
        let ends = self.ends.into_inner().unwrap_or_else(PoisonError::into_inner);
        let share = BUFFERS / (ends.len() as u64).max(1);
        let buffer = usize::try_from(share.clamp(BUFFER_MIN, BUFFER_MAX)).unwrap_or(usize::MAX);
        let mut from = 0;
        let mut cursors = Vec::with_capacity(ends.len());
        for end in ends {
            let mut cursor = Cursor {
                from,
                end,
                bytes: vec![0; usize::try_from(end - from).unwrap_or(usize::MAX).min(buffer)],
                row: 0,
                filled: 0,
                value_len: 0,
                leading: Leading::default(),
            };
            from = end;
            if cursor.read(&self.medium, self.key_len)? {
                cursors.push(cursor);
            }
        }
        let mut merge = Merge {
            key_len: self.key_len,
            medium: self.medium,
            heap: (0..cursors.len()).collect(),
            cursors,
            begun: false,
        };
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sift(at);
        }
        Ok(merge)
    }
}

fn scratch(source: std::io::Error) -> StoreError {
    StoreError::io("use a file in", Path::new("staging"))(source)
}

/// A key and its value.
type Row<'r> = (&'r [u8], &'r [u8]);

/// All rows of several runs, in order.
pub struct Merge {
    key_len: usize,
    medium: Medium,
    cursors: Vec<Cursor>,
    /// Cursors as a heap, the one with the least row first.
    heap: Vec<usize>,
    begun: bool,
}

/// One run being read.
struct Cursor {
    /// Where in the medium the next bytes come from.
    from: u64,
    end: u64,
    bytes: Vec<u8>,
    /// Where in `bytes` the current row begins, and how many of them are filled.
    row: usize,
    filled: usize,
    value_len: usize,
    /// What the key begins with.
    leading: Leading,
}

impl Cursor {
    /// Makes the row at `row` whole; whether there is one.
    fn read(&mut self, medium: &Medium, key_len: usize) -> Result<bool, StoreError> {
        let start = key_len + 4;
        if !self.fill(medium, start)? {
            return Ok(false);
        }
        let mut len = [0; 4];
        len.copy_from_slice(&self.bytes[self.row + key_len..self.row + start]);
        self.value_len = u32::from_le_bytes(len) as usize;
        if !self.fill(medium, start + self.value_len)? {
            return Err(StoreError::Engine {
                doing: "sort rows",
                detail: "a run ends in the middle of a row".to_owned(),
            });
        }
        self.leading = leading(self.key(key_len));
        Ok(true)
    }

    /// Makes sure that `need` bytes from `row` on are filled; `false` at the end of the run.
    fn fill(&mut self, medium: &Medium, need: usize) -> Result<bool, StoreError> {
        if self.filled - self.row >= need {
            return Ok(true);
        }
        self.bytes.copy_within(self.row..self.filled, 0);
        self.filled -= self.row;
        self.row = 0;
        if self.bytes.len() < need {
            self.bytes.resize(need, 0);
        }
        let room = (self.bytes.len() - self.filled) as u64;
        let len = usize::try_from(room.min(self.end - self.from)).unwrap_or(usize::MAX);
        let into = &mut self.bytes[self.filled..self.filled + len];
        medium.read(into, self.from)?;
        self.filled += len;
        self.from += len as u64;
        Ok(self.filled >= need)
    }

    fn key(&self, key_len: usize) -> &[u8] {
        &self.bytes[self.row..self.row + key_len]
    }
}

impl Merge {
    /// The next row.
    pub fn step(&mut self) -> Result<Option<Row<'_>>, StoreError> {
        if self.begun {
            let Some(least) = self.heap.first().copied() else {
                return Ok(None);
            };
            let cursor = &mut self.cursors[least];
            cursor.row += self.key_len + 4 + cursor.value_len;
            if !cursor.read(&self.medium, self.key_len)? {
                self.heap.swap_remove(0);
            }
            self.sift(0);
        }
        self.begun = true;
        let Some(least) = self.heap.first() else {
            return Ok(None);
        };
        let cursor = &self.cursors[*least];
        let value = cursor.row + self.key_len + 4;
        Ok(Some((
            cursor.key(self.key_len),
            &cursor.bytes[value..value + cursor.value_len],
        )))
    }

    fn is_less(&self, a: usize, b: usize) -> bool {
        let (left, right) = (&self.cursors[a], &self.cursors[b]);
        left.leading
            .cmp(&right.leading)
            .then_with(|| left.key(self.key_len).cmp(right.key(self.key_len)))
            .then(a.cmp(&b))
            .is_lt()
    }

    /// Lets the cursor at this place of the heap sink to where it belongs.
    fn sift(&mut self, mut at: usize) {
        loop {
            let left = 2 * at + 1;
            if left >= self.heap.len() {
                return;
            }
            let right = left + 1;
            let child = if right < self.heap.len() && self.is_less(self.heap[right], self.heap[left]) {
                right
            } else {
                left
            };
            if !self.is_less(self.heap[child], self.heap[at]) {
                return;
            }
            self.heap.swap(at, child);
            at = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        }
    }

    /// Runs of all sizes, some rows longer than a buffer, against a sort in memory.
    #[test]
    fn merges_what_a_sort_in_memory_gives() {
        let folder = tempfile::tempdir().unwrap();
        for place in [None, Some(folder.path())] {
            let mut next = numbers(7);
            let runs = Runs::new(place, "rows", 20).unwrap();
            let mut all = Vec::new();
            for run in 0..300 {
                let mut rows = Rows::default();
                for row in 0..next() % 40 {
                    let mut key = [0; 20];
                    key[..2].copy_from_slice(&u16::try_from(next() % 9).unwrap().to_be_bytes());
                    key[16..].copy_from_slice(&u32::try_from(next() % 5).unwrap().to_be_bytes());
                    let len = if next().is_multiple_of(50) {
                        9_000
                    } else {
                        next() % 30
                    };
                    let mut value = vec![u8::try_from(row).unwrap(); usize::try_from(len).unwrap()];
                    value.extend(u32::to_be_bytes(run));
                    rows.push(&key, &value);
                }
                rows.sort();
                for (key, value) in rows.iter() {
                    all.push((key.to_vec(), run, value.to_vec()));
                }
                runs.add(&rows).unwrap();
            }
            all.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            let mut merge = runs.merge().unwrap();
            let mut expected = all.into_iter();
            while let Some((key, value)) = merge.step().unwrap() {
                let (wanted, run, _) = expected.next().unwrap();
                assert_eq!(key, wanted);
                assert_eq!(value[value.len() - 4..], run.to_be_bytes());
            }
            assert!(expected.next().is_none());
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "nothing is left"
        );
    }
}
