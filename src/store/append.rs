//! Writing a commit: find what is new, make its rows, put them down, `head` last.
//!
//! Small commits are one batch. Large ones are made in parts on several threads; each part's rows are staged
//! as sorted files, which become visible column by column, and only then the batch with `head` makes the
//! commit exist. Nothing here changes what readers see before that batch.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::codec::{CodecError, Commit, RECORD_BYTES_MAX, Touched, encode_commit, encode_record};
use super::columns::{COUNTED, Column};
use super::entries::{Hashes, Indexed};
use super::error::{AppendError, StoreError};
use super::head::{Digest, Head, chain_after, meta_digest, record_digest};
use super::keys::{Hashing, NAME_LEN, Number, log_key};
use super::part::{self, Layout, SALT_LEN, SaltKey};
use super::seam::{Backend, Batch, Precondition, Rows, Staged};
use super::state::random;
use super::{META_HEAD, META_HEADER, META_PENDING, Tuning};
use crate::model::fact::Stated;

/// A fact to be written and its key in `names`.
#[derive(Clone)]
pub struct New<'a> {
    /// The fact.
    pub stated: &'a Stated,
    /// Its key in `names`.
    pub name: [u8; NAME_LEN],
    /// Of a record that changes another: in whose families that stood.
    pub touched: Touched,
}

/// A commit that was found to be in order.
pub struct Plan<'a> {
    /// Facts to write, in the order of their positions.
    pub facts: Vec<New<'a>>,
    /// The commit; its parts are filled in here.
    pub commit: Commit,
    /// What its idempotence key has in `names`.
    pub key_name: Option<[u8; NAME_LEN]>,
}

/// The rows of one part, by [`Column::index`]; the row of its digests is among those of the log.
pub type PartRows = [Rows; COUNTED];

/// Writes the commit after `head`; returns the new head. After an error nothing more may be written.
pub fn write(
    backend: &dyn Backend,
    hashing: &Hashing,
    tuning: &Tuning,
    head: &Head,
    plan: Plan<'_>,
) -> Result<Head, AppendError> {
    let Plan {
        facts,
        mut commit,
        key_name,
    } = plan;
    let per_part = tuning.facts_per_part.max(1);
    let parts: Vec<&[New<'_>]> = facts.chunks(per_part as usize).collect();
    commit.parts = u32::try_from(parts.len()).map_err(|_| too_many(facts.len()))?;
    commit.facts_per_part = per_part;
    // Whatever may be refused is refused before the first row is visible.
    let stored = stored(&commit)?;
    let work = Work {
        layout: head.layout(),
        hashing,
        sequence: commit.sequence,
        per_part,
        secret: random()?,
        parts,
    };
    let mut made = Made::default();
    if facts.len() < tuning.bulk_from {
        for part in 0..work.parts.len() {
            let (rows, digest) = work.part(part)?;
            for (column, rows) in Column::COUNTED.iter().zip(rows) {
                made.rows[column.index()] += rows.len() as u64;
                made.batch.puts[column.index()].append(&rows);
            }
            made.digests.push(digest);
        }
    } else {
        made = stage(backend, &work, tuning.threads)?;
    }
    Ok(conclude(
        backend,
        head,
        &commit,
        &stored,
        key_name.as_ref(),
        made,
    )?)
}

/// The record of a commit, or why there can be none.
pub fn stored(commit: &Commit) -> Result<Vec<u8>, AppendError> {
    encode_commit(commit).map_err(|error| refuse("the commit's author, key and header", &error))
}

/// The rows of a commit's facts, ready to be seen.
#[derive(Default)]
pub struct Made {
    /// Rows that wait, by [`Column::index`].
    pub staged: [Vec<Staged>; COUNTED],
    /// Rows that are put with the commit itself.
    pub batch: Batch,
    /// How many rows there are, both kinds together.
    pub rows: [u64; COUNTED],
    /// The digest of each part.
    pub digests: Vec<Digest>,
}

/// Makes the commit exist: staged rows become visible column by column, then the batch with `head`.
pub fn conclude(
    backend: &dyn Backend,
    head: &Head,
    commit: &Commit,
    stored: &[u8],
    key_name: Option<&[u8; NAME_LEN]>,
    made: Made,
) -> Result<Head, StoreError> {
    let Made {
        mut staged,
        mut batch,
        rows: more,
        digests,
    } = made;
    if staged.iter().any(|ready| !ready.is_empty()) {
        let mut mark = Batch::default();
        mark.put(Column::Meta, META_PENDING, &commit.sequence.to_be_bytes());
        backend.write(mark, &[])?;
        // Records first: if this is interrupted, all other rows are found through them.
        let order = [
            Column::Facts,
            Column::Families,
            Column::Names,
            Column::ByProcessor,
            Column::Log,
        ];
        for column in order {
            let ready = std::mem::take(&mut staged[column.index()]);
            if !ready.is_empty() {
                backend.publish(column, ready)?;
            }
        }
    }
    let mut rows = head.rows;
    for (sum, more) in rows.iter_mut().zip(more) {
        *sum += more;
    }
    let chain = chain_after(&head.chain, stored, &digests);
    let mut value = chain.to_vec();
    value.extend(stored);
    batch.put(Column::Log, &log_key(commit.sequence, 0), &value);
    rows[Column::Log.index()] += 1;
    if let Some(name) = key_name {
        let number = Number {
            sequence: commit.sequence,
            position: 0,
        };
        batch.put(Column::Names, name, &number.to_key());
        rows[Column::Names.index()] += 1;
    }
    let mut next = Head {
        sequence: commit.sequence,
        facts: head.facts + u64::from(commit.facts),
        rows,
        chain,
        previous: head.chain,
        ..head.clone()
    };
    if let Some(header) = &commit.header {
        batch.put(Column::Meta, META_HEADER, header.as_bytes());
        next.header = meta_digest(header.as_bytes());
    }
    batch.put(Column::Meta, META_HEAD, &next.encode());
    let unchanged = Precondition {
        column: Column::Meta,
        key: META_HEAD.to_vec(),
        value: Some(head.encode().to_vec()),
    };
    backend.write(batch, &[unchanged])?;
    Ok(next)
}

struct Work<'a> {
    layout: Layout,
    hashing: &'a Hashing,
    sequence: u64,
    per_part: u32,
    /// Salts of this commit come from it; it is forgotten afterwards.
    secret: [u8; 32],
    parts: Vec<&'a [New<'a>]>,
}

impl Work<'_> {
    /// Makes the rows of a part, each column sorted, and its digest.
    fn part(&self, index: usize) -> Result<(PartRows, Digest), AppendError> {
        let facts = self.parts[index];
        let part = u32::try_from(index).map_err(|_| too_many(facts.len()))?;
        let key = SaltKey::new(&self.secret, part);
        let salts = key.salts(0, facts.len());
        let mut rows = PartRows::default();
        let mut digests = Vec::with_capacity(facts.len() * 32);
        let mut proved = Vec::new();
        let first = part * self.per_part;
        for ((new, salt), position) in facts.iter().zip(salts.chunks_exact(SALT_LEN)).zip(first..) {
            let number = Number {
                sequence: self.sequence,
                position,
            };
            digests.extend_from_slice(&rows_of(
                self.layout,
                self.hashing,
                number,
                new,
                salt,
                &mut rows,
                &mut proved,
            )?);
        }
        let (row, digest) = part::row(self.layout, &key, &digests);
        rows[Column::Log.index()].push(&log_key(self.sequence, part + 1), &row);
        for column in [Column::Families, Column::Names, Column::ByProcessor] {
            rows[column.index()].sort();
        }
        Ok((rows, digest))
    }
}

/// Adds the rows of one fact, in `facts` and the indexes; returns the digest of its record. `proved` is a buffer that is
/// used again and again.
pub fn rows_of(
    layout: Layout,
    hashing: &impl Hashes,
    number: Number,
    new: &New<'_>,
    salt: &[u8],
    rows: &mut PartRows,
    proved: &mut Vec<u8>,
) -> Result<Digest, AppendError> {
    let key = number.to_key();
    let mut encoded = Ok(0);
    let [_, in_facts, in_families, in_names, by_processor] = rows;
    let row = in_facts.push_with(&key, |bytes| {
        if layout == Layout::First {
            bytes.extend_from_slice(salt);
        }
        encoded = encode_record(new.stated, &new.touched, bytes);
    });
    if let Err(error) = encoded {
        return Err(refuse(&format!("the fact at {}", new.stated.place), &error));
    }
    let record = layout.record(&row[key.len()..]).unwrap_or_default();
    proved.clear();
    for bytes in [&key, salt, record] {
        proved.extend_from_slice(bytes);
    }
    let digest = record_digest(proved);
    let indexed = Indexed::new(new.stated, &new.touched);
    indexed.rows(
        layout,
        hashing,
        &new.name,
        number,
        record,
        |column, key, value| {
            let rows = match column {
                Column::Families => &mut *in_families,
                Column::Names => &mut *in_names,
                Column::ByProcessor => &mut *by_processor,
                Column::Log | Column::Facts | Column::Meta => return,
            };
            rows.push_with(key, |bytes| {
                for piece in value {
                    bytes.extend_from_slice(piece);
                }
            });
        },
    );
    Ok(digest)
}

/// Makes and stages all parts on several threads.
fn stage(backend: &dyn Backend, work: &Work<'_>, threads: usize) -> Result<Made, AppendError> {
    let threads = match threads {
        0 => std::thread::available_parallelism()
            .map_or(1, NonZeroUsize::get)
            .min(8),
        some => some,
    };
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Made {
        digests: vec![[0; 32]; work.parts.len()],
        ..Made::default()
    });
    let run = || -> Result<(), AppendError> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= work.parts.len() {
                return Ok(());
            }
            let outcome = stage_part(backend, work, index, &made);
            if outcome.is_err() {
                // Nobody needs the other parts any more.
                next.store(work.parts.len(), Ordering::Relaxed);
                return outcome;
            }
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(work.parts.len()))
            .map(|_| scope.spawn(run))
            .collect();
        let mut outcome = run();
        for other in others {
            let theirs = other.join().unwrap_or_else(|_| {
                Err(AppendError::Store(StoreError::Engine {
                    doing: "make the rows of a commit",
                    detail: "a thread of the import panicked".to_owned(),
                }))
            });
            outcome = outcome.and(theirs);
        }
        outcome
    })?;
    Ok(made.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn stage_part(
    backend: &dyn Backend,
    work: &Work<'_>,
    index: usize,
    made: &Mutex<Made>,
) -> Result<(), AppendError> {
    let (rows, digest) = work.part(index)?;
    for (column, rows) in Column::COUNTED.into_iter().zip(rows) {
        if rows.is_empty() {
            continue;
        }
        let count = rows.len() as u64;
        let staged = backend.stage(column, rows)?;
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        made.rows[column.index()] += count;
        made.staged[column.index()].push(staged);
    }
    made.lock().unwrap_or_else(PoisonError::into_inner).digests[index] = digest;
    Ok(())
}

/// More facts than a commit can number.
pub fn too_many(facts: usize) -> AppendError {
    AppendError::TooLarge {
        what: "the number of facts of a commit".to_owned(),
        size: facts,
        limit: u32::MAX as usize,
    }
}

/// What a record that cannot be encoded means to whoever wants to write it.
pub fn refuse(what: &str, error: &CodecError) -> AppendError {
    match error {
        CodecError::TooLarge(size) => AppendError::TooLarge {
            what: what.to_owned(),
            size: *size,
            limit: RECORD_BYTES_MAX,
        },
        CodecError::Version(_)
        | CodecError::Kind(_)
        | CodecError::Misplaced(_)
        | CodecError::Malformed(_)
        | CodecError::Trailing(_)
        | CodecError::Word(..) => AppendError::Store(StoreError::Engine {
            doing: "encode a fact",
            detail: error.to_string(),
        }),
    }
}
