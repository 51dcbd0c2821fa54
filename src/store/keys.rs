//! Keys: fixed width, big-endian, written by hand, so that they sort as the things they name.
//!
//! The layouts are in the table of `columns`. Identifiers of users never stand in a key: a key holds their
//! hash under a secret of the store, so a key tells nothing and has one width. Start at [`Number`] and
//! [`Hashing`].

use super::columns::Column;
use super::error::StoreError;
use crate::model::id::SubjectId;
use crate::model::time::Instant;
use crate::model::word::Section;

/// The number of a record: the sequence number of its commit and its position there, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    /// Sequence number of the commit, from 1.
    pub sequence: u64,
    /// Position in the commit, from 0.
    pub position: u32,
}

/// Bytes of a number.
pub const NUMBER_LEN: usize = 12;
/// Bytes of a family.
pub const FAMILY_LEN: usize = 16;
/// Bytes of a key of `families`.
pub const FAMILY_ROW_LEN: usize = FAMILY_LEN + 8 + NUMBER_LEN;
/// Bytes of a key of `names`.
pub const NAME_LEN: usize = 17;
/// Bytes of a key of `by_processor`.
pub const PROCESSOR_ROW_LEN: usize = 16 + 1 + 8 + NUMBER_LEN;
/// Bytes of a key of `by_processor` in the first layout.
pub const PROCESSOR_FAMILY_ROW_LEN: usize = 16 + 1 + 8 + FAMILY_LEN + NUMBER_LEN;

impl Number {
    /// The key of the record in `facts`; sorts by sequence, then position.
    pub fn to_key(self) -> [u8; NUMBER_LEN] {
        let mut key = [0; NUMBER_LEN];
        key[..8].copy_from_slice(&self.sequence.to_be_bytes());
        key[8..].copy_from_slice(&self.position.to_be_bytes());
        key
    }

    /// The number in these bytes; `None` if they are not twelve.
    pub fn from_key(bytes: &[u8]) -> Option<Self> {
        let (sequence, position) = bytes.split_first_chunk::<8>()?;
        Some(Self {
            sequence: u64::from_be_bytes(*sequence),
            position: u32::from_be_bytes(position.try_into().ok()?),
        })
    }

    /// The number at the end of a key of `families` or `by_processor`.
    pub fn at_end(column: Column, key: &[u8]) -> Result<Self, StoreError> {
        key.len()
            .checked_sub(NUMBER_LEN)
            .and_then(|start| key.get(start..))
            .and_then(Self::from_key)
            .ok_or_else(|| StoreError::corrupt(column, key, "the key is too short"))
    }
}

/// The key of a row of `log`.
pub fn log_key(sequence: u64, part: u32) -> [u8; NUMBER_LEN] {
    Number {
        sequence,
        position: part,
    }
    .to_key()
}

/// An instant as eight bytes that sort like it; no instant sorts before all others.
pub fn time_key(at: Option<Instant>) -> [u8; 8] {
    // Eight zero bytes stand for "no instant"; the one instant that has them too, far outside the years that
    // can be written, moves up by a microsecond. Nothing reads the instant back from a key.
    at.map_or(0, |at| (at.micros().cast_unsigned() ^ (1 << 63)).max(1))
        .to_be_bytes()
}

/// Whose rows stand together: a kind byte and 15 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(pub [u8; FAMILY_LEN]);

impl Family {
    /// Facts that name no subject, or everyone. Subjects and cohorts have kind 2.
    pub const EVERYONE: Self = Self([0; FAMILY_LEN]);
    const SUBJECT: u8 = 2;
    /// The records that change one fact.
    const CHANGES: u8 = 3;
    /// Records whose source says when it recorded them, by that instant.
    pub const DATED: Self = Self([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    /// What all families of changes begin with.
    pub const ALL_CHANGES: [u8; 1] = [Self::CHANGES];

    /// The family of a row, from its key.
    pub fn at_begin(key: &[u8]) -> Option<Self> {
        key.first_chunk().copied().map(Self)
    }

    /// What the keys of one of so many slices of all subjects and cohorts begin with or lie behind; of the slice behind the last
    /// one, what lies behind all of them.
    pub fn first_of_slice(slice: u32, of: u32) -> Vec<u8> {
        let first = (u64::from(slice) << 32) / u64::from(of.max(1));
        match u32::try_from(first) {
            Ok(first) => [&[Self::SUBJECT][..], &first.to_be_bytes()].concat(),
            Err(_) => vec![Self::SUBJECT + 1],
        }
    }
}

/// On which side of an act a processor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Gave data to another processor.
    Giver,
    /// Received data from another processor, or collected it.
    Taker,
    /// Acted without a second processor.
    Alone,
    /// Data was collected from it without an act of its own.
    Source,
}

impl Side {
    const fn code(self) -> u8 {
        match self {
            Self::Giver => 0,
            Self::Taker => 1,
            Self::Alone => 2,
            Self::Source => 3,
        }
    }
}

/// The key of a row of `families`.
pub fn family_row(family: Family, at: Option<Instant>, number: Number) -> [u8; FAMILY_ROW_LEN] {
    let mut key = [0; FAMILY_ROW_LEN];
    key[..16].copy_from_slice(&family.0);
    key[16..24].copy_from_slice(&time_key(at));
    key[24..].copy_from_slice(&number.to_key());
    key
}

/// The key of a row of `by_processor`; `processor` is [`Hashing::processor`].
pub fn processor_row(
    processor: [u8; 16],
    side: Side,
    at: Option<Instant>,
    number: Number,
) -> [u8; PROCESSOR_ROW_LEN] {
    let mut key = [0; PROCESSOR_ROW_LEN];
    key[..17].copy_from_slice(&processor_side(processor, side));
    key[17..25].copy_from_slice(&time_key(at));
    key[25..].copy_from_slice(&number.to_key());
    key
}

/// The key of a row of `by_processor` in the first layout: one for each family of the act.
pub fn processor_family_row(
    processor: [u8; 16],
    side: Side,
    at: Option<Instant>,
    family: Family,
    number: Number,
) -> [u8; PROCESSOR_FAMILY_ROW_LEN] {
    let mut key = [0; PROCESSOR_FAMILY_ROW_LEN];
    key[..17].copy_from_slice(&processor_side(processor, side));
    key[17..25].copy_from_slice(&time_key(at));
    key[25..41].copy_from_slice(&family.0);
    key[41..].copy_from_slice(&number.to_key());
    key
}

/// What all rows of one side of one processor begin with.
pub fn processor_side(processor: [u8; 16], side: Side) -> [u8; 17] {
    let mut key = [0; 17];
    key[..16].copy_from_slice(&processor);
    key[16] = side.code();
    key
}

/// The first key after all that begin with `prefix`; `None` if there is none.
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut key = prefix.to_vec();
    while let Some(last) = key.pop() {
        if last < u8::MAX {
            key.push(last + 1);
            return Some(key);
        }
    }
    None
}

/// The number of a section in keys and records. Numbers are never reused.
pub const fn section_code(section: Section) -> u8 {
    match section {
        Section::Subjects => 1,
        Section::Categories => 2,
        Section::Fields => 3,
        Section::Processors => 4,
        Section::Purposes => 5,
        Section::Authorizations => 6,
        Section::Choices => 7,
        Section::Agreements => 8,
        Section::Mechanisms => 9,
        Section::Assessments => 10,
        Section::RetentionPeriods => 11,
        Section::Notices => 12,
        Section::Policies => 13,
        Section::Requests => 14,
        Section::Closures => 15,
        Section::Incidents => 16,
        Section::Audits => 17,
        Section::Terminations => 18,
        Section::Evidence => 19,
        Section::Events => 20,
        Section::Rules => 21,
        Section::Cohorts => 22,
        Section::Suppressions => 23,
        Section::Compatibility => 24,
    }
}

/// The section of this number.
pub fn section_of(code: u8) -> Option<Section> {
    Section::ALL
        .iter()
        .copied()
        .find(|section| section_code(*section) == code)
}

/// Names are hashed for this many section codes; more than there are.
const SECTION_CODES: u8 = 64;

/// The section byte of idempotence keys in `names`.
const COMMIT_KEYS: u8 = 255;

/// Hashes identifiers under the secret of one store.
#[derive(Clone)]
pub struct Hashing {
    subjects: [u8; 32],
    processors: [u8; 32],
    commit_keys: [u8; 32],
    names: Vec<[u8; 32]>,
    contents: [u8; 32],
}

impl Hashing {
    /// Hashes under `secret`, which is made once, with the store.
    pub fn new(secret: &[u8; 32]) -> Self {
        // One key a domain instead of a prefix in the text: the one-shot hash is several times faster than
        // the incremental one on short texts.
        let derived = |domain: &str| *blake3::keyed_hash(secret, domain.as_bytes()).as_bytes();
        Self {
            subjects: derived("subject"),
            processors: derived("processor"),
            commit_keys: derived("commit key"),
            // In the order of the codes, by which they are looked up.
            names: (1..=SECTION_CODES)
                .map(|code| derived(&format!("name {code}")))
                .collect(),
            contents: derived("content as name"),
        }
    }

    /// The family of a subject or of a cohort, whose names are apart; everyone has the family of everyone. About
    /// 0.1 µs.
    pub fn subject(&self, id: &str) -> Family {
        if id == SubjectId::EVERYONE {
            return Family::EVERYONE;
        }
        let mut family = [Family::SUBJECT; FAMILY_LEN];
        family[1..].copy_from_slice(&blake3::keyed_hash(&self.subjects, id.as_bytes()).as_bytes()[..15]);
        Family(family)
    }

    /// The family of the records that change the fact of this name.
    pub fn changes(&self, section: Section, id: &str) -> Family {
        let mut family = [Family::CHANGES; FAMILY_LEN];
        family[1..].copy_from_slice(&self.name(section, id)[..15]);
        // The name's first byte is the section; the last bytes of its hash give way to it.
        Family(family)
    }

    /// The hash of a processor in `by_processor`.
    pub fn processor(&self, id: &str) -> [u8; 16] {
        first_16(&blake3::keyed_hash(&self.processors, id.as_bytes()))
    }

    /// The key in `names` of a fact with an identifier.
    pub fn name(&self, section: Section, id: &str) -> [u8; NAME_LEN] {
        let code = section_code(section);
        let key = self.names.get(usize::from(code) - 1).unwrap_or(&self.contents);
        name_key(code, &blake3::keyed_hash(key, id.as_bytes()))
    }

    /// The key in `names` of a fact without an identifier: its content is its name.
    pub fn content_name(&self, section: Section, content: &str) -> [u8; NAME_LEN] {
        name_key(
            section_code(section),
            &blake3::keyed_hash(&self.contents, content.as_bytes()),
        )
    }

    /// The key in `names` of an idempotence key.
    pub fn commit_key(&self, key: &str) -> [u8; NAME_LEN] {
        name_key(
            COMMIT_KEYS,
            &blake3::keyed_hash(&self.commit_keys, key.as_bytes()),
        )
    }
}

fn first_16(hash: &blake3::Hash) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&hash.as_bytes()[..16]);
    first
}

fn name_key(code: u8, hash: &blake3::Hash) -> [u8; NAME_LEN] {
    let mut key = [code; NAME_LEN];
    key[1..].copy_from_slice(&first_16(hash));
    key
}
