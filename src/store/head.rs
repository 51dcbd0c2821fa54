//! `head`: what the store as a whole is after its last commit, and the chain that proves it.
//!
//! The same bytes stand in the column `meta`, written in the batch that ends a commit, and in the side file.
//! They are of a fixed width and say which format the store has, so both are readable by every version.

use super::columns::{COUNTED, Column};
use super::error::StoreError;
use super::part::Layout;

/// The format that this version writes.
pub const FORMAT: u16 = 2;
/// The oldest format that this version reads.
pub const FORMAT_OLDEST: u16 = 1;

/// Bytes of an encoded head.
pub const HEAD_LEN: usize = 2 + 16 + 8 + 8 + 8 * COUNTED + 4 * 32;

/// A BLAKE3 hash.
pub type Digest = [u8; 32];

// Each use of the hash has a key of its own, so that bytes of one kind never pass for another.
const RECORD: &[u8; 32] = b"wherefore/1 record digest.......";
const PART: &[u8; 32] = b"wherefore/1 part of a commit....";
const CHAIN: &[u8; 32] = b"wherefore/1 chain of commits....";
const META: &[u8; 32] = b"wherefore/1 row of meta.........";
const CONTENT: &[u8; 32] = b"wherefore/1 content of a commit.";

/// What the store is after a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The format of the store.
    pub format: u16,
    /// Made at random with the store; the same in the side file, so that files of two stores never mix.
    pub store: [u8; 16],
    /// Sequence number of the last commit; 0 before the first.
    pub sequence: u64,
    /// Facts in all commits.
    pub facts: u64,
    /// Rows in each counted column, in the order of [`Column::COUNTED`].
    pub rows: [u64; COUNTED],
    /// The chain up to the last commit; zeros before the first.
    pub chain: Digest,
    /// The chain up to the commit before the last.
    pub previous: Digest,
    /// Digest of the header's text; zeros before the first commit.
    pub header: Digest,
    /// Digest of the store's hash key.
    pub hash_key: Digest,
}

impl Head {
    /// The head of a store without commits.
    pub fn empty(store: [u8; 16], hash_key: &[u8; 32]) -> Self {
        Self {
            format: FORMAT,
            store,
            sequence: 0,
            facts: 0,
            rows: [0; COUNTED],
            chain: [0; 32],
            previous: [0; 32],
            header: [0; 32],
            hash_key: meta_digest(hash_key),
        }
    }

    /// The bytes kept in `meta` and in the side file.
    pub fn encode(&self) -> [u8; HEAD_LEN] {
        let mut bytes = Vec::with_capacity(HEAD_LEN);
        bytes.extend(self.format.to_be_bytes());
        bytes.extend(self.store);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.facts.to_be_bytes());
        for rows in self.rows {
            bytes.extend(rows.to_be_bytes());
        }
        for digest in [&self.chain, &self.previous, &self.header, &self.hash_key] {
            bytes.extend(digest);
        }
        let mut fixed = [0; HEAD_LEN];
        fixed.copy_from_slice(&bytes);
        fixed
    }

    /// Reads a head; refuses other formats by name.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut rest = bytes;
        let format = u16::from_be_bytes(take(&mut rest)?);
        check_format(format)?;
        let mut head = Self {
            format,
            store: take(&mut rest)?,
            sequence: u64::from_be_bytes(take(&mut rest)?),
            facts: u64::from_be_bytes(take(&mut rest)?),
            rows: [0; COUNTED],
            chain: [0; 32],
            previous: [0; 32],
            header: [0; 32],
            hash_key: [0; 32],
        };
        for rows in &mut head.rows {
            *rows = u64::from_be_bytes(take(&mut rest)?);
        }
        head.chain = take(&mut rest)?;
        head.previous = take(&mut rest)?;
        head.header = take(&mut rest)?;
        head.hash_key = take(&mut rest)?;
        if rest.is_empty() {
            Ok(head)
        } else {
            Err(StoreError::Damaged("`head` is too long".to_owned()))
        }
    }

    /// How the rows of the store are laid out.
    pub fn layout(&self) -> Layout {
        Layout::of(self.format)
    }

    /// Rows of a counted column; `meta` has none.
    pub fn rows_of(&self, column: Column) -> u64 {
        self.rows.get(column.index()).copied().unwrap_or(0)
    }
}

/// Refuses formats that this version does not read.
pub fn check_format(found: u16) -> Result<(), StoreError> {
    if found > FORMAT {
        Err(StoreError::TooNew {
            found,
            newest: FORMAT,
        })
    } else if found < FORMAT_OLDEST {
        Err(StoreError::TooOld {
            found,
            oldest: FORMAT_OLDEST,
        })
    } else {
        Ok(())
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (first, after) = rest
        .split_first_chunk::<N>()
        .ok_or_else(|| StoreError::Damaged("`head` is too short".to_owned()))?;
    *rest = after;
    Ok(*first)
}

/// The digest of a record: over its number, its salt and its stored bytes, one after the other. Without the salt nobody
/// can tell from the digest what an erased record said.
pub fn record_digest(row: &[u8]) -> Digest {
    *blake3::keyed_hash(RECORD, row).as_bytes()
}

/// The digest of a row of `meta` that never changes.
pub fn meta_digest(value: &[u8]) -> Digest {
    *blake3::keyed_hash(META, value).as_bytes()
}

/// The digest of the facts given in a commit, over the digest of each one's content.
pub fn content_digest(contents: &[u8]) -> Digest {
    *blake3::keyed_hash(CONTENT, contents).as_bytes()
}

/// [`content_digest`] of contents that come one after the other.
pub struct Contents(blake3::Hasher);

impl Default for Contents {
    fn default() -> Self {
        Self(blake3::Hasher::new_keyed(CONTENT))
    }
}

impl Contents {
    /// Adds digests of contents.
    pub fn add(&mut self, contents: &[u8]) {
        self.0.update(contents);
    }

    /// The digest of all that was added.
    pub fn digest(&self) -> Digest {
        *self.0.finalize().as_bytes()
    }
}

/// The chain after a commit: over the chain before it, the stored bytes of the commit and, part by part, the
/// stored digests of its records.
pub fn chain_after(previous: &Digest, commit: &[u8], parts: &[Digest]) -> Digest {
    let mut hasher = blake3::Hasher::new_keyed(CHAIN);
    hasher.update(previous);
    hasher.update(&(commit.len() as u64).to_be_bytes());
    hasher.update(commit);
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// The digest of a part: over the digests of its records.
pub fn part_digest(digests: &[u8]) -> Digest {
    *blake3::keyed_hash(PART, digests).as_bytes()
}
