//! The journal, read again: what was gathered and what the store was told when the last process ended.

use std::path::Path;

use rustc_hash::FxHashSet;
use serde_json::Value as Json;

use super::changes::told;
use super::kept::{self, Kept};
use super::{IntakeError, NAME, State, line};
use crate::db::{CommitError, Db};
use crate::import::draft;
use crate::import::mapping::Mapping;
use crate::import::openlineage::{self, Unfinished, event, file};

/// The journal, read again.
pub struct Replay<'m> {
    state: State,
    seen: FxHashSet<[u8; 16]>,
    /// How many events have become facts.
    applied: u64,
    mapping: &'m Mapping,
    /// The mapping under which they did, when it is known.
    before: Option<Kept>,
    unread: u64,
}

impl<'m> Replay<'m> {
    /// Before the first line.
    pub fn begin(folder: &Path, db: &Db, mapping: &'m Mapping) -> Result<Self, IntakeError> {
        Ok(Self {
            state: State::default(),
            seen: FxHashSet::default(),
            applied: last_applied(db)?,
            mapping,
            before: kept::read(folder)?,
            unread: 0,
        })
    }

    /// Takes a line of the journal.
    pub fn line(&mut self, number: u64, text: &str) {
        let Ok(value) = serde_json::from_str::<Json>(text) else {
            self.unread += 1;
            return;
        };
        self.seen.insert(file::digest(&value));
        self.state.events = number;
        match event::event(&value, self.mapping.offset.as_deref()) {
            Ok(event) => {
                let place = draft::place(&NAME.into(), line(number));
                self.state.gathered.add(event, &place);
            }
            // Such as instants without an offset, when the mapping no longer says which is meant.
            Err(_) => self.unread += 1,
        }
        if number == self.applied {
            let before = self.before.as_ref().map_or(self.mapping, |kept| &kept.mapping);
            // With more of them than were committed nothing that has to be taken back is missed.
            self.state.told = told(&openlineage::facts(
                &self.state.gathered,
                before,
                Unfinished::Stated,
            ));
            self.state.applied = self.applied;
        }
    }

    /// After the last line: the state, and the digests of all events.
    pub fn end(mut self) -> (State, FxHashSet<[u8; 16]>) {
        if self.unread > 0 {
            tracing::warn!(
                events = self.unread,
                "events of the journal are malformed under this mapping and give no facts"
            );
        }
        if let Some(before) = self.before {
            self.state.told_under = Some(before.mapping.source);
            self.state.mappings = before.names;
        }
        (self.state, self.seen)
    }
}

/// Who commits facts from events; the number says how many of the journal are in them.
pub fn author(events: u64) -> String {
    format!("{NAME} {events}")
}

/// How many events of the journal the last commit of events has in it.
fn last_applied(db: &Db) -> Result<u64, IntakeError> {
    const AT_ONCE: u64 = 256;
    let mut until = db.snapshot().sequence();
    while until > 0 {
        let from = until.saturating_sub(AT_ONCE - 1).max(1);
        let count = usize::try_from(until - from + 1).unwrap_or(usize::MAX);
        let commits = db.commits(from, count).map_err(CommitError::Store)?;
        let numbers = commits.iter().rev().filter_map(|commit| {
            let (name, number) = commit.author.split_once(' ')?;
            (name == NAME).then(|| number.parse().ok()).flatten()
        });
        if let Some(number) = numbers.into_iter().next() {
            return Ok(number);
        }
        until = from - 1;
    }
    Ok(0)
}
