//! Layouts of rows, and what the log keeps of a part of a commit: the salts of its records and the proof of them.
//!
//! A store keeps the layout that it was made with. In the first one every row of `facts` begins with its salt, and a part
//! has the digest of every record in the log. In the second the salts of a part follow from one key, and of every digest
//! stand a few bytes only, which tell which record it is that no longer leads to the digest of the part.

use super::head::{Digest, part_digest, record_digest};
use super::keys::Number;

/// Bytes of the random salt of a record.
pub const SALT_LEN: usize = 16;
/// How much of a record's digest stands in the log.
const CHECK_LEN: usize = 4;
/// First byte of the row of a part whose salts follow from a key. Others are kept for later versions.
const SALTS_FROM_KEY: u8 = 1;

/// How the rows of a store are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Format 1: salts in `facts`, whole digests in `log`, a row of `by_processor` for each family.
    First,
    /// Format 2.
    Second,
}

impl Layout {
    /// The layout of a format that is read here.
    pub const fn of(format: u16) -> Self {
        if format < 2 { Self::First } else { Self::Second }
    }

    /// The record in a value of `facts`; `None` if it is too short.
    pub fn record(self, value: &[u8]) -> Option<&[u8]> {
        match self {
            Self::First => value.get(SALT_LEN..),
            Self::Second => Some(value),
        }
    }
}

/// From what the salts of a part are made; random, and for the part alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaltKey(pub [u8; 32]);

impl SaltKey {
    /// The key of a part under the secret of its commit, which is forgotten afterwards.
    pub fn new(secret: &[u8; 32], part: u32) -> Self {
        Self(*blake3::keyed_hash(secret, &part.to_be_bytes()).as_bytes())
    }

    /// The salts of `count` records, one after the other, from the one at this place of the part on.
    pub fn salts(&self, first: u32, count: usize) -> Vec<u8> {
        let mut salts = vec![0; count * SALT_LEN];
        let mut stream = blake3::Hasher::new_keyed(&self.0).finalize_xof();
        stream.set_position(u64::from(first) * SALT_LEN as u64);
        stream.fill(&mut salts);
        salts
    }
}

/// The row in `log` of a part, and the digest of the part; `digests` are those of its records, one after the other.
pub fn row(layout: Layout, key: &SaltKey, digests: &[u8]) -> (Vec<u8>, Digest) {
    let digest = part_digest(digests);
    let row = match layout {
        Layout::First => digests.to_vec(),
        Layout::Second => {
            let mut row = Vec::with_capacity(65 + digests.len() / 32 * CHECK_LEN);
            row.push(SALTS_FROM_KEY);
            row.extend(digest);
            row.extend(key.0);
            for digest in digests.as_chunks::<32>().0 {
                row.extend_from_slice(&digest[..CHECK_LEN]);
            }
            row
        }
    };
    (row, digest)
}

/// The proof of a part, as its row in the log has it.
pub enum Proof<'r> {
    /// The digest of each record.
    Digests(&'r [Digest]),
    /// The digest of the part, and the beginnings of those of its records.
    Checks {
        /// What the chain is made of.
        digest: Digest,
        /// The salts of the records.
        salts: Vec<u8>,
        /// For each record.
        checks: &'r [[u8; CHECK_LEN]],
    },
}

impl<'r> Proof<'r> {
    /// Reads the row of a part of `count` records; `None` if it is of another form.
    pub fn read(layout: Layout, row: &'r [u8], count: u32) -> Option<Self> {
        match layout {
            Layout::First => {
                let (digests, rest) = row.as_chunks::<32>();
                (digests.len() == count as usize && rest.is_empty()).then_some(Self::Digests(digests))
            }
            Layout::Second => {
                let (kind, rest) = row.split_first()?;
                let (digest, rest) = rest.split_first_chunk::<32>()?;
                let (key, rest) = rest.split_first_chunk::<32>()?;
                let (checks, rest) = rest.as_chunks::<CHECK_LEN>();
                let is_whole = checks.len() == count as usize && rest.is_empty();
                (*kind == SALTS_FROM_KEY && is_whole).then(|| Self::Checks {
                    digest: *digest,
                    salts: SaltKey(*key).salts(0, checks.len()),
                    checks,
                })
            }
        }
    }

    /// The digest of the record at this place of the part; `value` is its row in `facts`. `None` beyond the end of the part.
    pub fn digest_of(&self, place: usize, number: Number, value: &[u8]) -> Option<Digest> {
        let mut row = Vec::with_capacity(12 + SALT_LEN + value.len());
        row.extend(number.to_key());
        if let Self::Checks { salts, .. } = self {
            row.extend_from_slice(salts.get(place * SALT_LEN..)?.get(..SALT_LEN)?);
        }
        row.extend_from_slice(value);
        Some(record_digest(&row))
    }

    /// Whether what the log says of the record at this place agrees with its digest.
    pub fn agrees(&self, place: usize, digest: &Digest) -> bool {
        match self {
            Self::Digests(digests) => digests.get(place) == Some(digest),
            Self::Checks { checks, .. } => checks.get(place).is_some_and(|check| digest.starts_with(check)),
        }
    }

    /// The digest of the part, of which the chain is made.
    pub fn part(&self) -> Digest {
        match self {
            Self::Digests(digests) => part_digest(digests.as_flattened()),
            Self::Checks { digest, .. } => *digest,
        }
    }
}
