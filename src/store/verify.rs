//! Verify: prove from the stored bytes that nothing was altered, lost or added.
//!
//! The digest of every record is compared with the log, the chain over the log with `head`, `head` with the
//! side file, and every index with one rebuilt from the records. The comparison of the indexes is a sum of
//! keyed hashes under a key drawn for this run, so memory does not grow with the store; only when sums differ
//! are rows looked up one by one to name them. What this cannot see is in `docs/store.md`: an older copy of
//! the whole folder, and a forger who rewrites everything including the chain and who was not caught by
//! comparing `head` with one kept elsewhere.

use std::path::Path;

use super::codec::{Commit, decode_commit};
use super::columns::Column;
use super::entries::Indexed;
use super::error::{StoreError, hex};
use super::head::{Digest, chain_after, meta_digest, part_digest};
use super::keys::{NUMBER_LEN, Number, log_key};
use super::orphans::Orphans;
use super::part::Proof;
use super::seam::{KeyRange, Snapshot, for_each, get_one};
use super::state::{State, random};
use super::view::fact_row;
use super::{META_HASH_KEY, META_HEAD, META_HEADER, META_PENDING};

/// Most troubles that a report lists.
const TROUBLES_MAX: usize = 1000;

/// Something that verify found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The stable code, such as `VERIFY_RECORD_ALTERED`.
    pub code: &'static str,
    /// Where, if it is a row: the column and the key in hexadecimal digits.
    pub row: Option<(Column, String)>,
    /// What is wrong, in a clause without a capital or a full stop.
    pub what: String,
}

/// What verify found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Commits read.
    pub commits: u64,
    /// Facts whose digests agree.
    pub facts: u64,
    /// Rows of the indexes that were compared.
    pub index_rows: u64,
    /// Rows left by an interrupted import; harmless, removed when the store is next opened for writing.
    pub orphans: u64,
    /// The chain as recomputed, of the last commit that was readable.
    pub head: Digest,
    /// What is wrong, in the order in which it was found; at most a thousand are listed.
    pub troubles: Vec<Trouble>,
    /// Troubles beyond those listed.
    pub more_troubles: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.troubles.is_empty()
    }

    pub(super) fn add(&mut self, code: &'static str, row: Option<(Column, &[u8])>, what: impl Into<String>) {
        if self.troubles.len() < TROUBLES_MAX {
            self.troubles.push(Trouble {
                code,
                row: row.map(|(column, key)| (column, hex(key))),
                what: what.into(),
            });
        } else {
            self.more_troubles += 1;
        }
    }

    pub(super) fn add_error(&mut self, error: &StoreError) {
        self.add("VERIFY_UNREADABLE", None, format!("{} ({})", error, error.code()));
    }
}

/// Verifies the store in `folder`; changes nothing. Reads every row once; about five seconds for a million
/// acts. An error means that it could not be looked at, a damaged store is a report with troubles.
pub fn verify(folder: &Path) -> Result<Report, StoreError> {
    super::folder::verify(folder)
}

/// Verifies all rows of a state.
pub(super) fn verify_rows(
    snapshot: &dyn Snapshot,
    state: &State,
    orphans: &Orphans,
    report: &mut Report,
) -> Result<(), StoreError> {
    for column in Column::COUNTED {
        report.orphans += orphans.rows_of(column);
    }
    let mut sums = Sums::new()?;
    meta_rows(snapshot, report);
    log_and_facts(snapshot, state, &mut sums, report);
    let mut differ = Vec::new();
    for column in [Column::Families, Column::Names, Column::ByProcessor] {
        let mut found = Sum::default();
        let outcome = for_each(snapshot, column, KeyRange::ALL, |key, value| {
            if row_number(column, key, value)?.sequence <= state.head.sequence {
                found.add(&sums.key, column, key, value);
            }
            report.index_rows += 1;
            Ok(())
        });
        if let Err(error) = &outcome {
            report.add_error(error);
        }
        if outcome.is_err() || found != sums.columns[column.index()] {
            differ.push(column);
        }
    }
    if !differ.is_empty() {
        name_missing(snapshot, state, &differ, report);
        for column in differ {
            name_surplus(snapshot, state, column, report);
        }
    }
    Ok(())
}

/// A sum of keyed hashes of rows: equal for equal sets of rows, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    lanes: [u64; 4],
}

struct Sums {
    key: [u8; 32],
    columns: [Sum; 6],
}

impl Sums {
    fn new() -> Result<Self, StoreError> {
        Ok(Self {
            key: random()?,
            columns: [Sum::default(); 6],
        })
    }

    fn add(&mut self, column: Column, key: &[u8], value: &[u8]) {
        self.columns[column.index()].add(&self.key, column, key, value);
    }
}

impl Sum {
    fn add(&mut self, secret: &[u8; 32], column: Column, key: &[u8], value: &[u8]) {
        // Keys of a column have one width, so key and value cannot be confused.
        let mut row = Vec::with_capacity(1 + key.len() + value.len());
        row.extend_from_slice(column.as_str().as_bytes());
        row.extend_from_slice(key);
        row.extend_from_slice(value);
        let hash = blake3::keyed_hash(secret, &row);
        let (lanes, _) = hash.as_bytes().as_chunks::<8>();
        for (sum, lane) in self.lanes.iter_mut().zip(lanes) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*lane));
        }
        self.rows += 1;
    }
}

fn meta_rows(snapshot: &dyn Snapshot, report: &mut Report) {
    let ours = [META_HEAD, META_HASH_KEY, META_HEADER, META_PENDING];
    let mut strange = Vec::new();
    let outcome = for_each(snapshot, Column::Meta, KeyRange::ALL, |key, _| {
        if !ours.contains(&key) {
            strange.push(key.to_vec());
        }
        Ok(())
    });
    if let Err(error) = outcome {
        report.add_error(&error);
    }
    for key in strange {
        report.add(
            "VERIFY_ROW_SURPLUS",
            Some((Column::Meta, &key)),
            "nobody wrote this row",
        );
    }
}

/// Follows the chain commit by commit and compares every record with its digest.
fn log_and_facts(snapshot: &dyn Snapshot, state: &State, sums: &mut Sums, report: &mut Report) {
    let mut chain = [0; 32];
    let mut previous = [0; 32];
    let mut facts = 0_u64;
    let mut log_rows = 0_u64;
    let mut readable = true;
    for sequence in 1..=state.head.sequence {
        let before = chain;
        match commit(snapshot, state, sequence, &before, sums, report) {
            Ok(Some(read)) => {
                chain = read.chain;
                facts += u64::from(read.commit.facts);
                log_rows += 1 + u64::from(read.commit.parts);
                report.commits += 1;
            }
            Ok(None) => readable = false,
            Err(error) => {
                report.add_error(&error);
                readable = false;
            }
        }
        previous = before;
    }
    report.head = chain;
    if readable {
        let head = &state.head;
        if (chain, previous, facts) != (head.chain, head.previous, head.facts) {
            report.add(
                "VERIFY_CHAIN",
                Some((Column::Meta, META_HEAD)),
                "the chain over the log does not lead to `head`",
            );
        }
        surplus_in_order(snapshot, state, Column::Log, log_rows, report);
        surplus_in_order(snapshot, state, Column::Facts, facts, report);
    }
}

struct ReadCommit {
    commit: Commit,
    chain: Digest,
}

fn commit(
    snapshot: &dyn Snapshot,
    state: &State,
    sequence: u64,
    before: &Digest,
    sums: &mut Sums,
    report: &mut Report,
) -> Result<Option<ReadCommit>, StoreError> {
    let key = log_key(sequence, 0);
    let at = Some((Column::Log, key.as_slice()));
    let Some(row) = get_one(snapshot, Column::Log, &key)? else {
        report.add(
            "VERIFY_COMMIT_MISSING",
            at,
            format!("commit {sequence} is missing"),
        );
        return Ok(None);
    };
    let Some((stored_chain, stored)) = row.split_first_chunk::<32>() else {
        report.add(
            "VERIFY_COMMIT_ALTERED",
            at,
            format!("commit {sequence} is too short"),
        );
        return Ok(None);
    };
    let commit = match decode_commit(stored) {
        Ok(commit) => commit,
        Err(error) => {
            report.add("VERIFY_COMMIT_ALTERED", at, format!("commit {sequence}: {error}"));
            return Ok(None);
        }
    };
    let mut parts = Vec::new();
    for part in 0..commit.parts {
        parts.push(part_of(snapshot, state, &commit, part, sums, report)?);
    }
    let chain = chain_after(before, stored, &parts);
    if chain != *stored_chain || commit.sequence != sequence || commit.previous != *before {
        report.add(
            "VERIFY_COMMIT_ALTERED",
            at,
            format!("commit {sequence} does not follow from the one before it"),
        );
    }
    if let Some(key) = &commit.key {
        let number = Number {
            sequence,
            position: 0,
        };
        sums.add(Column::Names, &state.hashing.commit_key(key), &number.to_key());
    }
    if let Some(header) = &commit.header
        && meta_digest(header.as_bytes()) != state.head.header
    {
        report.add(
            "VERIFY_HEADER_ALTERED",
            Some((Column::Meta, META_HEADER)),
            format!("the header is not the one of commit {sequence}"),
        );
    }
    Ok(Some(ReadCommit { commit, chain }))
}

/// Compares the records of a part with their digests; returns the digest of the part.
fn part_of(
    snapshot: &dyn Snapshot,
    state: &State,
    commit: &Commit,
    part: u32,
    sums: &mut Sums,
    report: &mut Report,
) -> Result<Digest, StoreError> {
    let sequence = commit.sequence;
    let log = log_key(sequence, part + 1);
    let row = get_one(snapshot, Column::Log, &log)?.unwrap_or_default();
    let first = part.saturating_mul(commit.facts_per_part);
    let count = commit.facts_per_part.min(commit.facts.saturating_sub(first));
    let proof = Proof::read(state.head.layout(), &row, count);
    if proof.is_none() {
        let what = format!("part {part} of commit {sequence} does not list {count} records");
        report.add("VERIFY_COMMIT_ALTERED", Some((Column::Log, &log)), what);
    }
    let from = log_key(sequence, first);
    let until = log_key(sequence, first.saturating_add(count));
    let range = KeyRange {
        from: &from,
        until: Some(&until),
    };
    let mut expected = first;
    let mut digests = vec![[0; 32]; count as usize];
    // Records that agree with what the log says of each, and those that do not.
    let (mut agree, mut disagree) = (0, Vec::new());
    let missing = |report: &mut Report, position: u32| {
        let number = Number { sequence, position };
        report.add(
            "VERIFY_RECORD_MISSING",
            Some((Column::Facts, &number.to_key())),
            format!("record {position} of commit {sequence} is missing"),
        );
    };
    let outcome = for_each(snapshot, Column::Facts, range, |key, value| {
        let Some(number) = Number::from_key(key).filter(|_| key.len() == NUMBER_LEN) else {
            report.add(
                "VERIFY_ROW_SURPLUS",
                Some((Column::Facts, key)),
                "nobody wrote this row",
            );
            return Ok(());
        };
        while expected < number.position {
            missing(report, expected);
            expected += 1;
        }
        expected = number.position + 1;
        if let Some(proof) = &proof {
            let place = (number.position - first) as usize;
            let digest = proof.digest_of(place, number, value).unwrap_or_default();
            if proof.agrees(place, &digest) {
                agree += 1;
            } else {
                disagree.push(number.position);
            }
            if let Some(slot) = digests.get_mut(place) {
                *slot = digest;
            }
        }
        match fact_row(state.head.layout(), key, value) {
            Ok(record) => rows_of(state, &record, value, |column, key, value| {
                sums.add(column, key, value);
            }),
            Err(error) => report.add_error(&error),
        }
        Ok(())
    });
    let read = expected;
    match outcome {
        Ok(()) => {
            for position in read..first.saturating_add(count) {
                missing(report, position);
            }
        }
        Err(error) => report.add_error(&error),
    }
    let Some(proof) = proof else {
        return Ok([0; 32]);
    };
    report.facts += agree;
    let is_proven = part_digest(digests.as_flattened()) == proof.part();
    judge_part((sequence, part), is_proven, &disagree, report);
    Ok(proof.part())
}

/// Names what was altered in a part: records, or what the log says of them. `is_proven`: the records lead to the digest of
/// the part.
fn judge_part((sequence, part): (u64, u32), is_proven: bool, disagree: &[u32], report: &mut Report) {
    if is_proven && !disagree.is_empty() {
        report.add(
            "VERIFY_COMMIT_ALTERED",
            Some((Column::Log, &log_key(sequence, 0))),
            format!("what part {part} of commit {sequence} says of single records was altered"),
        );
        return;
    }
    for position in disagree {
        let number = Number {
            sequence,
            position: *position,
        };
        report.add(
            "VERIFY_RECORD_ALTERED",
            Some((Column::Facts, &number.to_key())),
            format!("record {position} of commit {sequence} was altered"),
        );
    }
    if !is_proven && disagree.is_empty() {
        report.add(
            "VERIFY_COMMIT_ALTERED",
            Some((Column::Log, &log_key(sequence, part + 1))),
            format!("the records of part {part} of commit {sequence} do not lead to its digest"),
        );
    }
}

/// Names rows of `log` and `facts` that no commit accounts for.
fn surplus_in_order(
    snapshot: &dyn Snapshot,
    state: &State,
    column: Column,
    expected: u64,
    report: &mut Report,
) {
    let mut rows = 0;
    let mut strange = Vec::new();
    let mut commit: Option<Commit> = None;
    let outcome = for_each(snapshot, column, KeyRange::ALL, |key, _| {
        let number = Number::from_key(key);
        let sequence = number.map_or(u64::MAX, |number| number.sequence);
        if sequence > state.head.sequence && report.orphans > 0 {
            return Ok(());
        }
        rows += 1;
        if commit.as_ref().is_none_or(|commit| commit.sequence != sequence) {
            commit = get_one(snapshot, Column::Log, &log_key(sequence, 0))?
                .and_then(|row| decode_commit(row.get(32..).unwrap_or_default()).ok());
        }
        let last = commit.as_ref().map(|commit| match column {
            Column::Log => u64::from(commit.parts) + 1,
            Column::Facts | Column::Families | Column::Names | Column::ByProcessor | Column::Meta => {
                u64::from(commit.facts)
            }
        });
        let accounted = number
            .zip(last)
            .is_some_and(|(number, last)| u64::from(number.position) < last);
        if !accounted || sequence > state.head.sequence {
            strange.push(key.to_vec());
        }
        Ok(())
    });
    if let Err(error) = outcome {
        report.add_error(&error);
    }
    for key in &strange {
        report.add("VERIFY_ROW_SURPLUS", Some((column, key)), "nobody wrote this row");
    }
    if strange.is_empty() && rows != expected {
        report.add(
            "VERIFY_ROWS",
            None,
            format!("column `{column}` has {rows} rows, {expected} were written"),
        );
    }
}

/// The number of the record, or commit, that an index row belongs to.
fn row_number(column: Column, key: &[u8], value: &[u8]) -> Result<Number, StoreError> {
    if column == Column::Names {
        Number::from_key(value)
            .ok_or_else(|| StoreError::corrupt(column, key, "the number has another length"))
    } else {
        Number::at_end(column, key)
    }
}

/// Names rows that follow from the records and are not there, or are other ones.
fn name_missing(snapshot: &dyn Snapshot, state: &State, columns: &[Column], report: &mut Report) {
    let end = log_key(state.head.sequence + 1, 0);
    let range = KeyRange {
        from: &[],
        until: Some(&end),
    };
    let mut wanted: Vec<(Column, Vec<u8>, Vec<u8>)> = Vec::new();
    let outcome = for_each(snapshot, Column::Facts, range, |key, value| {
        if let Ok(record) = fact_row(state.head.layout(), key, value) {
            rows_of(state, &record, value, |column, key, value| {
                if columns.contains(&column) {
                    wanted.push((column, key.to_vec(), value.to_vec()));
                }
            });
        }
        if wanted.len() > 4096 {
            compare_rows(snapshot, &mut wanted, report);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        report.add_error(&error);
    }
    if columns.contains(&Column::Names) {
        for sequence in 1..=state.head.sequence {
            if let Some(name) = key_of(snapshot, state, sequence) {
                let number = Number {
                    sequence,
                    position: 0,
                };
                wanted.push((Column::Names, name, number.to_key().to_vec()));
            }
        }
    }
    compare_rows(snapshot, &mut wanted, report);
}

/// The key in `names` of a commit's idempotence key.
fn key_of(snapshot: &dyn Snapshot, state: &State, sequence: u64) -> Option<Vec<u8>> {
    let row = get_one(snapshot, Column::Log, &log_key(sequence, 0))
        .ok()
        .flatten()?;
    let commit = decode_commit(row.get(32..)?).ok()?;
    Some(state.hashing.commit_key(&commit.key?).to_vec())
}

fn compare_rows(snapshot: &dyn Snapshot, wanted: &mut Vec<(Column, Vec<u8>, Vec<u8>)>, report: &mut Report) {
    for (column, key, value) in wanted.drain(..) {
        match get_one(snapshot, column, &key) {
            Ok(Some(found)) if found == value => {}
            Ok(Some(_)) => report.add("VERIFY_ROW_ALTERED", Some((column, &key)), "the row was altered"),
            Ok(None) => report.add("VERIFY_ROW_MISSING", Some((column, &key)), "the row is missing"),
            Err(error) => report.add_error(&error),
        }
    }
}

/// Names rows that do not follow from any record.
fn name_surplus(snapshot: &dyn Snapshot, state: &State, column: Column, report: &mut Report) {
    let mut strange = Vec::new();
    let outcome = for_each(snapshot, column, KeyRange::ALL, |key, value| {
        let Ok(number) = row_number(column, key, value) else {
            strange.push(key.to_vec());
            return Ok(());
        };
        if number.sequence > state.head.sequence && report.orphans > 0 {
            return Ok(());
        }
        let mut follows = false;
        if let Some(row) = get_one(snapshot, Column::Facts, &number.to_key())?
            && let Ok(record) = fact_row(state.head.layout(), &number.to_key(), &row)
        {
            rows_of(state, &record, &row, |of, wanted, _| {
                follows |= of == column && wanted == key;
            });
        }
        if column == Column::Names && !follows {
            follows = key_of(snapshot, state, number.sequence).is_some_and(|name| name == key);
        }
        if !follows {
            strange.push(key.to_vec());
        }
        Ok(())
    });
    if let Err(error) = outcome {
        report.add_error(&error);
    }
    for key in strange {
        report.add(
            "VERIFY_ROW_SURPLUS",
            Some((column, &key)),
            "the row follows from no record",
        );
    }
}

/// Calls `each` with every row that follows from a record; `value` is its row in `facts`.
fn rows_of(
    state: &State,
    record: &super::codec::Record,
    value: &[u8],
    mut each: impl FnMut(Column, &[u8], &[u8]),
) {
    let layout = state.head.layout();
    let indexed = Indexed::from(record);
    let name = indexed.name(&state.hashing);
    let stored = layout.record(value).unwrap_or_default();
    let mut whole = Vec::new();
    indexed.rows(
        layout,
        &state.hashing,
        &name,
        record.number,
        stored,
        |column, key, pieces| {
            whole.clear();
            whole.extend(pieces.iter().copied().flatten());
            each(column, key, &whole);
        },
    );
}
